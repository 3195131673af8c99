// Limits of SCIM, each with its reason. What a client may rely on stands in /scim/v2/ServiceProviderConfig too.
#pragma once

#include <cstddef>

namespace madoguchi::limits {

inline constexpr std::size_t kScimFilterBytes = 2048;       // what fits into a request line
inline constexpr int kScimFilterDepth = 16;                 // parentheses and brackets: the parser's stack stays small
inline constexpr std::size_t kScimFilterTerms = 64;         // comparisons of one filter; each is tried on every row
inline constexpr int kScimPageRows = 100;                   // where the client names no count
inline constexpr int kScimPageRowsMaximum = 200;            // filter.maxResults
inline constexpr int kScimWalkedRows = 2000;                // looked through for a filter or an order without an index
inline constexpr std::size_t kScimPatchOperations = 100;    // of one PATCH
inline constexpr std::size_t kScimBulkOperations = 100;     // bulk.maxOperations: each is a transaction of its own
inline constexpr std::size_t kScimBulkBytes = 1024 * 1024;  // bulk.maxPayloadSize
inline constexpr std::size_t kScimMembers = 500;            // of one group, shown and given at once
inline constexpr std::size_t kScimExternalIdBytes = 256;    // a client's own name for an account

}  // namespace madoguchi::limits
