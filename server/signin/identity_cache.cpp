#include "signin/identity_cache.hpp"

namespace madoguchi::signin {

std::shared_ptr<const Identity> IdentityCache::find(const std::string& token_digest, std::int64_t version) {
    const std::lock_guard lock(mutex_);
    std::shared_ptr<const Identity> identity;
    if (const auto young = young_.find(token_digest); young != young_.end()) {
        identity = young->second;
    } else if (const auto old = old_.find(token_digest); old != old_.end()) {
        identity = std::move(old->second);
        old_.erase(old);
        insert(token_digest, identity);
    }
    return identity && identity->version == version ? identity : nullptr;
}

void IdentityCache::keep(const std::string& token_digest, std::shared_ptr<const Identity> identity) {
    const std::lock_guard lock(mutex_);
    old_.erase(token_digest);
    insert(token_digest, std::move(identity));
}

void IdentityCache::insert(const std::string& token_digest, std::shared_ptr<const Identity> identity) {
    if (young_.size() >= kept_) {
        old_ = std::move(young_);
        young_ = {};
    }
    young_.insert_or_assign(token_digest, std::move(identity));
}

}  // namespace madoguchi::signin
