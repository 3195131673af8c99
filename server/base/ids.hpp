// Strong ids: an AccountId can't stand where an OrganizationId is meant.
#pragma once

#include <compare>
#include <cstdint>

namespace madoguchi {

template <class Tag>
struct Id {
    std::int64_t value = 0;
    explicit operator bool() const { return value != 0; }
    friend auto operator<=>(const Id&, const Id&) = default;
};

using OrganizationId = Id<struct OrganizationTag>;
using AccountId = Id<struct AccountTag>;
using GrantId = Id<struct GrantTag>;
using SessionId = Id<struct SessionTag>;
using SecondStepId = Id<struct SecondStepTag>;
using MessageId = Id<struct MessageTag>;
using RequestId = Id<struct RequestTag>;  // an approval or reset request, not an HTTP request
using TokenId = Id<struct TokenTag>;      // an API token that an administrator made for a script

}  // namespace madoguchi
