// contacts_test.cc: is the list of contacts one that needs deduplication, and can be deduplicated?
#include "generate/contacts.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <map>
#include <set>
#include <string>
#include <vector>

#include "kernels/date.h"

namespace tessera::generate_detail {
namespace {

enum Column : size_t { given = 1, family, birth, sex, postcode, email, phone };

struct Listed {
  std::vector<std::vector<std::string>> rows;  // by column, as Column; "" is null
  std::vector<uint64_t> persons;
};

Listed list_of(const Country& country) {
  Listed out;
  const TableJob job = contacts_file(country);
  const std::unique_ptr<Rows> sheets[] = {std::make_unique<Rows>()};
  const Rows& rows = *sheets[0];
  const size_t columns = job.tables.front().columns.size();
  for (uint64_t chunk = 0; chunk < job.chunks; ++chunk) {
    sheets[0]->clear(columns);
    job.make(chunk, sheets);
    for (size_t i = 0; i < rows.persons.size(); ++i) {
      std::vector<std::string> row(columns);
      for (size_t c = 1; c < row.size(); ++c) row[c] = rows.columns[c].texts[i];
      out.rows.push_back(std::move(row));
      out.persons.push_back(static_cast<uint64_t>(rows.persons[i]));
    }
  }
  return out;
}

class Contacts : public testing::Test {
 protected:
  static void SetUpTestSuite() {
    country_ = new Country(5, 20000, 1997, 25);
    list_ = new Listed(list_of(*country_));
  }
  static void TearDownTestSuite() {
    delete list_;
    delete country_;
  }
  static double part(uint64_t count) { return static_cast<double>(count) / static_cast<double>(list_->rows.size()); }
  // The share of rows for which `holds`, given the row and its person.
  template <class Holds>
  static double share(Holds holds) {
    uint64_t count = 0;
    for (size_t i = 0; i < list_->rows.size(); ++i)
      count += holds(list_->rows[i], country_->person(PersonId{list_->persons[i]})) ? 1 : 0;
    return part(count);
  }
  static inline const Country* country_ = nullptr;
  static inline const Listed* list_ = nullptr;
};

TEST_F(Contacts, EveryoneHasOneToSixRowsAsTheCountSaysAndFewHaveMany) {
  std::map<uint64_t, uint64_t> rows;
  for (const uint64_t person : list_->persons) ++rows[person];
  ASSERT_EQ(rows.size(), country_->people());
  std::map<uint64_t, uint64_t> people;  // by number of rows
  for (const auto& [person, count] : rows) {
    EXPECT_EQ(count, contacts_of(*country_, PersonId{person}));
    ++people[count];
  }
  EXPECT_EQ(people.begin()->first, 1U);
  EXPECT_EQ(people.rbegin()->first, contacts_max);
  for (uint64_t count = 1; count < contacts_max; ++count) EXPECT_GT(people[count], people[count + 1]);
  EXPECT_NEAR(static_cast<double>(list_->rows.size()) / static_cast<double>(country_->people()), 2.1, 0.1);
}

TEST_F(Contacts, RowsOfAPersonLieApart) {
  uint64_t neighbours = 0;
  for (size_t i = 1; i < list_->persons.size(); ++i) neighbours += list_->persons[i] == list_->persons[i - 1] ? 1 : 0;
  EXPECT_LT(part(neighbours), 0.001);
}

TEST_F(Contacts, ValuesAreMissingAndWrongAsOftenAsSaid) {
  const auto missing = [](Column column) {
    return share([column](const auto& row, const Person&) { return row[column].empty(); });
  };
  EXPECT_NEAR(missing(given), 0.01, 0.004);
  EXPECT_NEAR(missing(birth), 0.03, 0.006);
  EXPECT_NEAR(missing(sex), 0.04, 0.006);
  EXPECT_NEAR(missing(postcode), 0.04, 0.006);
  EXPECT_NEAR(missing(email), 0.35, 0.02);
  EXPECT_NEAR(missing(phone), 0.30, 0.02);
  EXPECT_NEAR(
      share([](const auto& row, const Person& p) { return !row[sex].empty() && (row[sex] == "2") != p.female; }), 0.006,
      0.003);
  EXPECT_NEAR(share([](const auto& row, const Person& p) { return row[given] != country_->given_name(p, 0).view(); }),
              0.13, 0.04);
}

TEST_F(Contacts, NamesAreSwappedNowAndThen) {
  const double swapped = share([](const auto& row, const Person& p) {
    return row[family] == country_->given_name(p, 0).view() && row[given] != row[family];
  });
  EXPECT_GT(swapped, 0.003);
  EXPECT_LT(swapped, 0.01);
}

TEST_F(Contacts, PeopleMoveAndMarryBetweenTheirRows) {
  std::map<uint64_t, std::set<std::string>> homes, women;
  for (size_t i = 0; i < list_->rows.size(); ++i) {
    const Person p = country_->person(PersonId{list_->persons[i]});
    homes[list_->persons[i]].insert(list_->rows[i][postcode]);
    if (p.female) women[list_->persons[i]].insert(list_->rows[i][family]);
  }
  const auto several = [](const auto& values) {
    return std::count_if(values.begin(), values.end(), [](const auto& one) { return one.second.size() > 1; });
  };
  EXPECT_GT(several(homes), 4000);
  EXPECT_GT(several(women), 300);
}

TEST_F(Contacts, AddressesAndNumbersAreNobodys) {
  const std::set<std::string> reserved = {"example.org", "example.com", "example.net", "mail.example"};
  uint64_t with_domain = 0, of_others = 0;  // a slip of the pen may be in the domain too
  for (const auto& row : list_->rows) {
    if (const size_t at = row[email].find('@'); at != std::string::npos) {
      ++with_domain;
      of_others += reserved.contains(row[email].substr(at + 1)) ? 0 : 1;
    }
    if (!row[phone].empty()) {
      EXPECT_EQ(row[phone].size(), 13U);
      EXPECT_TRUE(row[phone].starts_with("+999"));
    }
  }
  EXPECT_LT(static_cast<double>(of_others), 0.02 * static_cast<double>(with_domain));
}

TEST_F(Contacts, MostAddressesAreOfOnePersonAndMostRowsOfAPersonShareOne) {
  std::map<std::string, std::set<uint64_t>> owners;
  for (size_t i = 0; i < list_->rows.size(); ++i) {
    if (!list_->rows[i][email].empty()) owners[list_->rows[i][email]].insert(list_->persons[i]);
  }
  const auto shared =
      std::count_if(owners.begin(), owners.end(), [](const auto& one) { return one.second.size() > 1; });
  EXPECT_LT(static_cast<double>(shared), 0.01 * static_cast<double>(owners.size()));
  EXPECT_LT(owners.size(), list_->rows.size() * 6 / 10);
}

}  // namespace
}  // namespace tessera::generate_detail
