// Limits of API tokens, each with its reason.
#pragma once

#include <chrono>
#include <cstddef>

namespace madoguchi::limits {

/// A token that nobody renews within a year is one that nobody looks after.
inline constexpr std::chrono::days kTokenLongestLife{366};
inline constexpr std::chrono::days kTokenUsualLife{90};
/// "mdg_" and 43 characters; anything longer is none, and is not digested.
inline constexpr std::size_t kTokenCharacters = 47;
inline constexpr std::size_t kTokenNameCodePoints = 60;
/// Address ranges of one token: a script runs in a few places.
inline constexpr std::size_t kTokenSources = 20;
/// When it was last used is written down once in so many seconds, not at each request.
inline constexpr std::chrono::seconds kTokenTouch{60};
/// Tokens of one maker that live at the same time.
inline constexpr int kTokensOfOneMaker = 50;

}  // namespace madoguchi::limits
