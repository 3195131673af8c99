// Use cases of the helpdesk: find, tell a caller from a stranger, then unlock or send a reset to the registered
// channel. Every look-up and every comparison leaves an audit row; nothing here gives a password, a code or a whole
// number to anybody.
#pragma once

#include "accounts/account_list_store.hpp"
#include "accounts/account_service.hpp"
#include "accounts/helpdesk_store.hpp"

namespace madoguchi::accounts {

struct HelpdeskFound {
    AccountId id;
    std::string login_id;  // masked
    std::string person;    // masked
    std::string organization;
    AccountState state = AccountState::pending;
    bool administrator = false;  // a helpdesk can do nothing for those
};

struct HelpdeskView {
    HelpdeskCase record;
    HelpdeskFound found;
    std::string center;  // the organization above
    std::vector<directory::Grant> grants;
    std::vector<SecondStepSummary> second_steps;  // masked_phone holds the last two digits only
    std::optional<Instant> last_signed_in_at;
    OrganizationQuestion question = OrganizationQuestion::none;
    bool has_number = false;  // one to call back is on file
    bool over = false;        // ended, or its half hour has passed
    bool verified = false;    // all three match
    bool hopeless = false;    // a question is used up, or too many wrong answers about this account today
};

enum class HelpdeskEnd { unlock, start_reset, unverified };
std::optional<HelpdeskEnd> helpdesk_end(std::string_view text);

class HelpdeskService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        AccountService& accounts;
    };
    explicit HelpdeskService(Parts parts) : parts_(parts) {}

    /// At most limits::kHelpdeskFound and one more. Errors: forbidden, invalid (q: required, too_short, too_long).
    Result<std::vector<HelpdeskFound>> find(const Principal& principal, const std::string& query, Instant now);
    /// Begins a case. Errors: not_found, forbidden (own_account, higher_role).
    Result<HelpdeskCaseId> open(const Principal& principal, AccountId account, Instant now);
    /// One's own case. Errors: not_found.
    Result<HelpdeskView> view(const Principal& principal, HelpdeskCaseId id, Instant now);
    /// Did it match? Errors: not_found, conflict (helpdesk_case_over), too_many (helpdesk_too_many), invalid
    /// (required).
    Result<bool> check(const Principal& principal, HelpdeskCaseId id, CallerCheck check, const std::string& said,
                       Instant now);
    /// Errors: not_found, conflict (helpdesk_not_verified, helpdesk_case_over, no_registered_phone ...), too_many.
    Result<HelpdeskView> finish(const Principal& principal, HelpdeskCaseId id, HelpdeskEnd end, Instant now);

private:
    Result<std::vector<AccountId>> search(db::Transaction& tx, const std::vector<std::string>& words,
                                          Instant now) const;
    Result<HelpdeskCase> own_case(db::Transaction& tx, const Principal& principal, HelpdeskCaseId id) const;
    Result<HelpdeskView> view_within(db::Transaction& tx, const HelpdeskCase& record, Instant now) const;
    Result<bool> check_within(db::Transaction& tx, const Principal& principal, const Actor& actor, HelpdeskCaseId id,
                              CallerCheck check, const std::string& said, Instant now);
    Result<HelpdeskView> finish_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                       HelpdeskCaseId id, HelpdeskEnd end, Instant now);

    Parts parts_;
    HelpdeskStore store_;
    AccountListStore lists_;
};

}  // namespace madoguchi::accounts
