// Who is acting, within which jurisdiction, from where: what every transaction and audit row is told.
#pragma once

#include <string>

#include "base/ids.hpp"

namespace madoguchi {

/// A subtree of organizations, named by the path of its top ("1.13.205."). PostgreSQL compares every row with it (S16).
class Jurisdiction {
public:
    /// Sees no row at all.
    Jurisdiction() = default;
    /// The subtree below and including the organization with this path.
    explicit Jurisdiction(std::string path) : setting_(std::move(path)) {}
    /// For work that has no person's jurisdiction yet or any more: sign-in, the outbox worker, bootstrap.
    static Jurisdiction everything() { return Jurisdiction("*"); }

    const std::string& setting() const { return setting_; }
    bool contains(const std::string& path) const {
        return setting_ == "*" || (!setting_.empty() && path.starts_with(setting_));
    }

private:
    std::string setting_;
};

struct Actor {
    AccountId account = {};            // 0: nobody signed in, or the system itself
    OrganizationId organization = {};  // the organization of the grant acted under
    std::string name = "system";       // login ID, or "system", "anonymous"
    Jurisdiction jurisdiction = {};
    std::string source = {};  // the address that nginx vouches for (S13)
    std::string request_id = {};
    std::string channel = "system";  // "web", "api", "system"

    static Actor system() {
        Actor actor;
        actor.jurisdiction = Jurisdiction::everything();
        return actor;
    }
};

}  // namespace madoguchi
