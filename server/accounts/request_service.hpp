// Use cases on requests: filed on the public page, listed, approved by a second person, declined.
#pragma once

#include "accounts/role_service.hpp"
#include "crypto/envelope.hpp"

namespace madoguchi::accounts {

/// As typed by somebody who can't get in.
struct FileReset {
    RequestKind kind = RequestKind::password_reset;  // or second_reset
    std::string login_id;
    std::string organization_name;
    std::string contact_name;
    std::string phone;
    std::string note;
    std::string source;
    std::string request_id;
};

struct Decided {
    Request request;
    std::optional<InitialPassword> initial_password;
    std::optional<HandedCode> access_code = std::nullopt;
    std::optional<RequestId> approval = std::nullopt;  // nothing is done yet: a second person decides this one (S18)
};

struct Contact {
    std::string organization_name;
    std::string name;
    std::string phone;
    std::string note;
};

class RequestService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        AccountService& accounts;
        RoleService& roles;
        const crypto::Envelope& envelope;
        SecretText token_key;
    };
    explicit RequestService(Parts parts) : parts_(std::move(parts)) {}

    /// Says the same whether the ID exists or not (S12). Errors: invalid (fields), too_many.
    Result<void> file(const FileReset& command, Instant now);
    Result<std::vector<Request>> list(const Principal& principal, const RequestFilter& filter, Instant now);
    /// Errors: not_found, forbidden.
    Result<Request> show(const Principal& principal, RequestId id, Instant now);
    Result<std::int64_t> count_open(const Principal& principal, Instant now);
    /// Errors: not_found, forbidden (own_request, own_account, higher_role), conflict (already_decided), invalid
    /// (reason).
    Result<Decided> decide(const Principal& principal, RequestId id, Decision decision, const std::string& reason,
                           Mode mode, Instant now);
    /// Whom to call back; nothing for approvals.
    std::optional<Contact> contact(const Request& request) const;

private:
    Result<Decided> decide_within(db::Transaction& tx, const Principal& principal, const Actor& actor, RequestId id,
                                  Decision decision, const std::string& reason, Instant now);
    /// What is handed over stands in `decided`.
    Result<void> carry_out(db::Transaction& tx, const Principal& principal, const Actor& actor, const Request& request,
                           const std::string& reason, Instant now, Decided& decided);
    Result<void> store(const FileReset& command, const Contact& contact, Instant now);

    Parts parts_;
    RequestStore store_;
};

}  // namespace madoguchi::accounts
