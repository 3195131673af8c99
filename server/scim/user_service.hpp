// Accounts as Users. What is no account of one's jurisdiction, or closed, is not there. Every change is an act of the
// accounts room, with its audit row, its right and its notices; several by one request are one transaction.
#pragma once

#include "accounts/account_service.hpp"
#include "scim/listing.hpp"
#include "scim/resources.hpp"
#include "scim/scim_store.hpp"

namespace madoguchi::scim {

using directory::Principal;

/// If-Match of RFC 9110 §13.1.1, or a bulk operation's version: does it hold for this entity tag?
using Precondition = std::function<bool(const std::string& version)>;

class UserService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::GrantService& grants;
        accounts::AccountService& accounts;
        std::string base;  // "https://host/scim/v2"
    };
    explicit UserService(Parts parts) : parts_(std::move(parts)) {}

    /// Errors: not_found, forbidden.
    Result<nlohmann::json> show(const Principal& principal, AccountId id, Instant now) const;
    /// Filters by id, userName and externalId ask an index; others and orders look through what is there. Errors:
    /// forbidden, invalid (scim_too_many: more than limits::kScimWalkedRows).
    Result<Listed> list(const Principal& principal, const ListQuery& query, Instant now) const;

    /// An account whose initial password comes by letter. Errors: invalid (scim_..., fields), forbidden, not_found,
    /// conflict (login_id_taken).
    Result<nlohmann::json> create(const Principal& principal, const nlohmann::json& body, Instant now);
    /// Errors: as create; invalid (scim_mutability: userName, the organization), conflict (changed_meanwhile).
    Result<nlohmann::json> replace(const Principal& principal, AccountId id, const nlohmann::json& body,
                                   const Precondition& precondition, Instant now);
    Result<nlohmann::json> patch(const Principal& principal, AccountId id, const nlohmann::json& body,
                                 const Precondition& precondition, Instant now);
    /// Closes the account for good. Errors: not_found, forbidden, conflict (changed_meanwhile).
    Result<void> remove(const Principal& principal, AccountId id, const Precondition& precondition, Instant now);

private:
    using Change = std::function<Result<nlohmann::json>(const nlohmann::json& current)>;

    Result<std::vector<UserRow>> with_grants(db::Transaction& tx, const Principal& principal, std::vector<UserRow> rows,
                                             Instant now) const;
    Result<std::vector<nlohmann::json>> resources(db::Transaction& tx, const Principal& principal,
                                                  std::vector<UserRow> rows, Instant now) const;
    Result<Listed> page(const Principal& principal, const std::vector<Actor>& actors, const ListQuery& query,
                        Instant now) const;
    Result<UserRow> locked(db::Transaction& tx, const Principal& principal, AccountId id,
                           const Precondition& precondition, Instant now) const;
    Result<nlohmann::json> shown(db::Transaction& tx, const Principal& principal, AccountId id, Instant now) const;
    Result<nlohmann::json> change(const Principal& principal, AccountId id, const Precondition& precondition,
                                  Instant now, const Change& wanted);
    Result<void> carry_out(db::Transaction& tx, const Principal& principal, const Actor& actor, const UserRow& current,
                           const nlohmann::json& wanted, Instant now);
    Result<void> set_external_id(db::Transaction& tx, const Actor& actor, const UserRow& current,
                                 const std::string& external_id, Instant now);

    Rendering rendering() const;

    Parts parts_;
    ScimStore store_;
};

}  // namespace madoguchi::scim
