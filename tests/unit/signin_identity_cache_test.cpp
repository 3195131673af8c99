#include "signin/identity_cache.hpp"

#include <gtest/gtest.h>

namespace madoguchi::signin {
namespace {

std::shared_ptr<const Identity> identity(std::int64_t version) {
    return std::make_shared<const Identity>(Identity{.version = version, .expires_at = {}, .principal = {}});
}

TEST(SigninIdentityCache, GivesTheVersionThatIsAskedForAndNoOther) {
    IdentityCache cache;
    cache.keep("a", identity(3));
    ASSERT_NE(cache.find("a", 3), nullptr);
    EXPECT_EQ(cache.find("a", 3)->version, 3);
    EXPECT_EQ(cache.find("a", 2), nullptr);
    EXPECT_EQ(cache.find("a", 4), nullptr);
    EXPECT_EQ(cache.find("b", 3), nullptr);
    cache.keep("a", identity(4));
    EXPECT_NE(cache.find("a", 4), nullptr);
    EXPECT_EQ(cache.find("a", 3), nullptr);
}

TEST(SigninIdentityCache, ForgetsWhatWasNotUsedForLongest) {
    IdentityCache cache(10);
    cache.keep("used", identity(1));
    cache.keep("unused", identity(1));
    for (int other = 0; other < 100; ++other) {
        cache.keep(std::to_string(other), identity(1));
        EXPECT_NE(cache.find("used", 1), nullptr) << other;
    }
    EXPECT_EQ(cache.find("unused", 1), nullptr);
    EXPECT_EQ(cache.find("50", 1), nullptr);
    EXPECT_NE(cache.find("99", 1), nullptr);
}

}  // namespace
}  // namespace madoguchi::signin
