// Who the owners of sessions are and may be, kept in memory between requests. The database says at every check which
// version of it is true, so an entry is never trusted for its age.
#pragma once

#include <cstddef>
#include <memory>
#include <mutex>
#include <string>
#include <unordered_map>

#include "base/limits.hpp"
#include "directory/authorization.hpp"

namespace madoguchi::signin {

struct Identity {
    std::int64_t version = 0;
    Instant expires_at;
    directory::Principal principal;  // without what differs from request to request
};

/// For many threads. Bounded: at most twice limits::kIdentitiesKept, the least recently used go first.
class IdentityCache {
public:
    explicit IdentityCache(std::size_t kept = limits::kIdentitiesKept) : kept_(kept) {}

    /// Null: not here, or of another version.
    std::shared_ptr<const Identity> find(const std::string& token_digest, std::int64_t version);
    void keep(const std::string& token_digest, std::shared_ptr<const Identity> identity);

private:
    using Generation = std::unordered_map<std::string, std::shared_ptr<const Identity>>;
    void insert(const std::string& token_digest, std::shared_ptr<const Identity> identity);

    std::size_t kept_;
    std::mutex mutex_;
    Generation young_;  // used since the last change of generations
    Generation old_;    // dropped at the next one
};

}  // namespace madoguchi::signin
