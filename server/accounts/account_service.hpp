// Use cases on accounts: issuance, lists, resets and the lifecycle. Every act, and every refused try, leaves an audit
// row.
#pragma once

#include <variant>

#include "accounts/account_seen.hpp"
#include "accounts/account_store.hpp"
#include "accounts/request_store.hpp"
#include "accounts/sign_in_access.hpp"
#include "base/entropy.hpp"
#include "directory/grant_service.hpp"
#include "directory/organization_service.hpp"

namespace madoguchi::accounts {

using directory::Mode;
using directory::Principal;

/// How the initial password reaches its owner: told at once to who issues (the API), or made when the letter is
/// printed.
enum class Handover { at_once, by_letter };

struct IssueAccount {
    OrganizationId organization;
    std::string login_id;  // empty: generated
    Names names;
    std::optional<directory::Role> role = std::nullopt;  // nothing: the usual one of the organization's kind
    Handover handover = Handover::at_once;
};

/// Shown once, to whoever writes the letter; nobody can read it again (S4).
using InitialPassword = HandedCode;

struct Changed {
    Account account;
    std::vector<SecondStepSummary> second_steps;
    std::optional<InitialPassword> initial_password;
    std::optional<RequestId> approval;  // the act, or a part of it, waits for a second person
    std::optional<HandedCode> access_code = std::nullopt;
    std::string reset_code_sent_to = {};  // the phone, masked: whoever started the reset never sees the code
};

/// What a page shows of it, to be compared when somebody acts.
SeenAccount seen_of(const Account& account, const std::vector<SecondStepSummary>& second_steps);

/// Names an account: by id or by login ID.
using AccountKey = std::variant<AccountId, std::string>;
AccountKey account_key(const std::string& text);

enum class AccountAct { reset_password, reset_second_step, unlock, suspend, resume, close, access_code, start_reset };
std::optional<AccountAct> account_act(std::string_view text);
directory::Permission permission_of(AccountAct act);
std::string_view to_text(AccountAct act);

class AccountService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        directory::GrantService& grants;
        SignInAccess& access;
        Entropy& entropy;
        SecretText token_key;
        LoginIdPolicy login_ids;
    };
    explicit AccountService(Parts parts) : parts_(std::move(parts)) {}

    /// Errors: invalid (fields), not_found (organization), forbidden, conflict (login_id_taken).
    Result<Changed> issue(const Principal& principal, const IssueAccount& command, Mode mode, Instant now);
    Result<Changed> show(const Principal& principal, const AccountKey& key, Instant now);
    Result<std::vector<Account>> list(const Principal& principal, const AccountFilter& filter, Instant now);
    /// `seen`: what the person saw when they decided; where it is something else by now, nothing is done. Errors:
    /// not_found, forbidden (own_account, higher_role), conflict (state_not_allowed, changed_meanwhile), invalid
    /// (reason).
    Result<Changed> act(const Principal& principal, const AccountKey& key, AccountAct act, const std::string& reason,
                        Mode mode, Instant now, const std::optional<SeenAccount>& seen = {});
    /// A person's name as typed anew. `seen` as in act(). Errors: invalid (fields), not_found, forbidden (own_account,
    /// higher_role), conflict (state_not_allowed, changed_meanwhile, person_already_there).
    Result<Changed> rename(const Principal& principal, const AccountKey& key, const Names& typed, Instant now,
                           const std::optional<SeenAccount>& seen);
    static bool may_rename(const Principal& principal, const Account& account, Instant now);
    /// The acts that this person may take on this account as it is now. `account` with its grants.
    static std::vector<AccountAct> possible_acts(const Principal& principal, const Account& account, Instant now);
    /// Will this act become a request that a second person decides (S18)?
    static bool needs_second_person(const Account& account, AccountAct act, Instant now);
    /// A list was saved as a file: who, with which conditions, how many rows.
    Result<void> note_export(const Principal& principal, const std::string& conditions, std::size_t rows, Instant now);
    /// What was done to an account, newest first, for those who may read the log of its organization.
    Result<std::vector<audit::AuditEvent>> history(const Principal& principal, const Account& account,
                                                   std::int64_t before_id, int limit, Instant now);

    /// By the operator at the machine: an account of the ministry. Nothing where a ministry administrator exists and
    /// `another` is false.
    Result<std::optional<Changed>> bootstrap(const std::string& ministry_name, directory::Role role, bool another,
                                             Instant now);

    /// For sign-in, once the registered second step was proven: a reset code to a registered phone, another one than
    /// `proved_phone` where there is one. Sessions end, the second step stays (S5). The phone as masked. Errors:
    /// conflict (no_registered_phone, state_not_allowed), too_many.
    Result<std::string> reset_by_phone(db::Transaction& tx, const Actor& actor, const Account& account,
                                       const std::string& proved_phone, const std::string& action, Instant now);

    /// For an approval: the act that a first person asked for, by the second one.
    Result<Changed> act_approved(db::Transaction& tx, const Principal& principal, const Actor& actor, AccountId account,
                                 AccountAct act, const std::string& reason, Instant now);
    Result<std::optional<Account>> find(db::Transaction& tx, const AccountKey& key, Instant now) const;
    Result<std::vector<SecondStepSummary>> second_steps(db::Transaction& tx, AccountId id) const;
    /// As act and issue, inside another service's transaction, which decides whether it happened.
    Result<Changed> act_inside(db::Transaction& tx, const Principal& principal, const Actor& actor, AccountId id,
                               AccountAct act, const std::string& reason, Instant now);
    Result<Changed> rename_inside(db::Transaction& tx, const Principal& principal, const Actor& actor, AccountId id,
                                  const Names& typed, Instant now);
    Result<Changed> issue_inside(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                 const IssueAccount& command, Instant now);
    /// By the daily task: nobody asked for it, so nobody's permission is asked.
    Result<Changed> suspend_unused(db::Transaction& tx, AccountId id, const std::string& reason, Instant now);
    /// Tells the registered phones, if there are any, that the account will be suspended.
    Result<void> warn_unused(db::Transaction& tx, const Account& account, Instant now) const;
    /// Without grants; nobody else changes the account until the transaction ends.
    Result<std::optional<Account>> lock(db::Transaction& tx, AccountId id) const { return store_.lock(tx, id); }

private:
    Result<Changed> rename_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                  const Account& account, const Names& names, Instant now);
    Result<Changed> issue_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                 const IssueAccount& command, const Names& names, Instant now);
    Result<Account> insert(db::Transaction& tx, const Actor& actor, const directory::OrganizationRef& organization,
                           int prefecture, const std::string& chosen_login_id, const Names& names, Instant now);
    Result<Changed> act_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                               const Account& account, AccountAct act, const std::string& reason, Instant now);
    Result<std::optional<RequestId>> file_approval(db::Transaction& tx, const Actor& actor, const Account& account,
                                                   AccountAct act, const std::string& reason, Instant now);
    Result<Changed> carry_out(db::Transaction& tx, const Actor& actor, const Account& account, AccountAct act,
                              const std::string& reason, Instant now);
    Result<InitialPassword> make_initial(db::Transaction& tx, AccountId account, Instant expires_at, bool is_reset,
                                         Instant now);
    Result<HandedCode> make_access_code(db::Transaction& tx, const Actor& actor, const Account& account, Instant now);
    Result<std::string> send_reset_code(db::Transaction& tx, const Account& account, const std::string& proved_phone,
                                        Instant now);
    Result<Changed> finished(db::Transaction& tx, AccountId account, Instant now) const;

    Parts parts_;
    AccountStore store_;
    RequestStore requests_;
};

}  // namespace madoguchi::accounts
