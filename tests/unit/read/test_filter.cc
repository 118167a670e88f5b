// Which rows `where` keeps.
#include "helpers.h"

namespace tessera::test {
namespace {

Filter compare(Filter::Op op, const std::string& column, const std::vector<std::string>& values, bool numeric) {
  Filter filter;
  filter.op = op;
  filter.column = column;
  filter.values = values;
  filter.numeric.assign(values.size(), numeric);
  return filter;
}

Filter all(Filter::Op op, const std::vector<Filter>& children) {
  Filter filter;
  filter.op = op;
  filter.children = children;
  return filter;
}

class Where : public ::testing::Test {
 protected:
  // The ids of the rows that are kept.
  std::vector<std::string> kept(const Filter& filter) {
    input.where = filter;
    const auto got = read_all(input, {"id"}, {.batch_rows = 3});
    EXPECT_FALSE(got.error) << got.error->message;
    std::vector<std::string> ids;
    for (const Row& row : got.rows) ids.push_back(*row[0]);
    EXPECT_EQ(got.filtered + got.rows.size(), 7u);
    for (size_t i = 0; i < ids.size(); ++i) EXPECT_EQ(std::to_string(got.places[i] + 1), ids[i]);
    return ids;
  }
  Folder folder;
  Input input =
      input_of({folder.write("a.csv", "id,age,sex\n1,9,M\n2,10,F\n3,,F\n4,x,\n5,-3,M\n6,10.5,m\n7, 10 ,F\n")});
};

TEST_F(Where, NumbersCompareAsNumbersAndTextThatIsNoneIsLeftOut) {
  EXPECT_EQ(kept(compare(Op::eq, "age", {"10"}, true)), (Ids{"2", "7"}));
  EXPECT_EQ(kept(compare(Op::ne, "age", {"10"}, true)), (Ids{"1", "5", "6"}));
  EXPECT_EQ(kept(compare(Op::lt, "age", {"10"}, true)), (Ids{"1", "5"}));
  EXPECT_EQ(kept(compare(Op::le, "age", {"10"}, true)), (Ids{"1", "2", "5", "7"}));
  EXPECT_EQ(kept(compare(Op::gt, "age", {"10"}, true)), (Ids{"6"}));
  EXPECT_EQ(kept(compare(Op::ge, "age", {"10.5"}, true)), (Ids{"6"}));
  EXPECT_EQ(kept(compare(Op::in, "age", {"9", "-3"}, true)), (Ids{"1", "5"}));
}

TEST_F(Where, QuotedLiteralsCompareAsText) {
  EXPECT_EQ(kept(compare(Op::eq, "age", {"10"}, false)), (Ids{"2"}));
  EXPECT_EQ(kept(compare(Op::lt, "age", {"10.5"}, false)), (Ids{"2", "5", "7"}));
  EXPECT_EQ(kept(compare(Op::in, "sex", {"M", "m"}, false)), (Ids{"1", "5", "6"}));
  EXPECT_EQ(kept(compare(Op::ne, "sex", {"M"}, false)), (Ids{"2", "3", "6", "7"}));
}

TEST_F(Where, NullIsUnknownAndSoIsItsNegation) {
  EXPECT_EQ(kept(compare(Op::is_null, "age", {}, false)), (Ids{"3"}));
  EXPECT_EQ(kept(compare(Op::is_not_null, "sex", {}, false)), (Ids{"1", "2", "3", "5", "6", "7"}));
  const Filter male = compare(Op::eq, "sex", {"M"}, false);
  EXPECT_EQ(kept(all(Op::negate, {male})), (Ids{"2", "3", "6", "7"}));
  // Row 3: age null and sex F: unknown and no is no, whose negation is yes.
  const Filter ten_and_male = all(Op::all_of, {compare(Op::eq, "age", {"10"}, true), male});
  EXPECT_EQ(kept(all(Op::negate, {ten_and_male})), (Ids{"1", "2", "3", "5", "6", "7"}));
  // Row 4: text that is no number or unknown sex: never known.
  const Filter either = all(Op::any_of, {compare(Op::eq, "age", {"10"}, true), male});
  EXPECT_EQ(kept(either), (Ids{"1", "2", "5", "7"}));
  EXPECT_EQ(kept(all(Op::negate, {either})), (Ids{"6"}));
}

TEST_F(Where, NestedLogic) {
  const Filter f =
      all(Op::any_of, {all(Op::all_of, {compare(Op::eq, "sex", {"F"}, false), compare(Op::is_null, "age", {}, false)}),
                       all(Op::all_of, {compare(Op::gt, "age", {"0"}, true), compare(Op::eq, "sex", {"M"}, false)})});
  EXPECT_EQ(kept(f), (Ids{"1", "3"}));
}

TEST_F(Where, FilteredAndRejectedRowsKeepTheirPlaces) {
  input.paths = {folder.write("b.csv", "id,a\n1,x\n2\n3,y\n4,\xFF\n5,x\n6,y\n7,x\n")};
  input.where = compare(Op::eq, "a", {"x"}, false);
  const auto got = read_all(input, {"id"});
  EXPECT_EQ(got.rows, (std::vector<Row>{row({"1"}), row({"5"}), row({"7"})}));
  EXPECT_EQ(got.places, (std::vector<uint64_t>{0, 4, 6}));
  EXPECT_EQ(reject_rows(got), (std::vector<uint64_t>{1, 3}));
  EXPECT_EQ(got.filtered, 2u);
  EXPECT_EQ(got.seen, 7u);
}

TEST_F(Where, ColumnThatIsNotThere) {
  input.where = compare(Op::is_null, "dob", {}, false);
  const auto got = read_all(input, {"id"});
  ASSERT_TRUE(got.error);
  EXPECT_EQ(got.error->code, ErrorCode::usage);
}

}  // namespace
}  // namespace tessera::test
