// The bound of letters.h is a bound.
#include "kernels/letters.h"

#include <gtest/gtest.h>
#include <rapidcheck/gtest.h>

#include <string>

#include "kernels/similarity.h"

namespace tessera {
namespace {

size_t shared_start(const std::string& a, const std::string& b) {
  size_t n = 0;
  while (n < std::min({a.size(), b.size(), size_t{4}}) && a[n] == b[n]) ++n;
  return n;
}

double most(const std::string& a, const std::string& b) {
  return jaro_winkler_most(a.size(), b.size(), letters_of(a), letters_of(b), shared_start(a, b));
}

TEST(Letters, TellThatTwoAddressesAreUnlike) {
  EXPECT_LT(most("john.smith@example.org", "mary.dawkes42@example.org"), 0.88);
  EXPECT_GE(most("john.smith@example.org", "john.smyth@example.org"), 0.88);
  EXPECT_NEAR(most("ANNA", "anna"), 1, 1e-8);
}

TEST(Letters, CountTheSecondOfALetter) {
  EXPECT_EQ(letters_of("anna"), letters_of("an") | letters_of("nna") | letters_of("aa"));
}

RC_GTEST_PROP(Letters, BoundsLikeness, ()) {
  // Few letters, so that texts have some in common.
  const auto text =
      rc::gen::nonEmpty(rc::gen::container<std::string>(rc::gen::element('a', 'A', 'b', 'c', 'd', '1', '.', '@')));
  const std::string a = *text, b = *text;
  RC_ASSERT(jaro_winkler(a, b, true) <= most(a, b));
  RC_ASSERT(jaro(a, b, true) <= most(a, b));
}

}  // namespace
}  // namespace tessera
