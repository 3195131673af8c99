// One's own second steps, sessions and activity. What changes a second step asks first that password and second step
// were proven at this session less than ten minutes ago, and tells the old channels (S10).
#pragma once

#include "accounts/credential_service.hpp"
#include "audit/audit_service.hpp"
#include "signin/notice_service.hpp"
#include "signin/security_store.hpp"
#include "signin/spare_code_store.hpp"

namespace madoguchi::signin {

struct SecurityView {
    std::vector<SecondStep> methods;
    std::vector<OwnSession> sessions;
    RecoveryCodesLeft recovery_codes;
    std::vector<audit::AuditEvent> recent;
    std::optional<Instant> confirmed_until;
};

class SecurityService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        accounts::CredentialService credentials;
        const NoticeService& notices;
    };
    explicit SecurityService(Parts parts) : parts_(std::move(parts)) {}

    Result<SecurityView> view(const directory::Principal& principal, Instant now);
    Result<SecondStep> method(const directory::Principal& principal, SecondStepId id);

    /// Whoever changes second steps asks this first, within the transaction of the change: the account is locked, and
    /// the session can't end until it is over. Errors: forbidden (confirmation_needed).
    Result<void> require_confirmed(db::Transaction& tx, const directory::Principal& principal, Instant now) const;
    /// The same for a page that asks before it is drawn.
    Result<void> confirmed(const directory::Principal& principal, Instant now);

    /// Errors of all three: not_found, forbidden (confirmation_needed).
    /// Also: invalid (label: too_long).
    Result<void> rename(const directory::Principal& principal, SecondStepId id, const std::string& label, Instant now);
    Result<void> make_default(const directory::Principal& principal, SecondStepId id, Instant now);
    /// Never the last one that works, recovery codes or not: they are a way back, no way for every day.
    /// Errors: conflict (last_second_step).
    Result<void> remove(const directory::Principal& principal, SecondStepId id, Instant now);

    /// Errors: not_found.
    Result<void> end_session(const directory::Principal& principal, SessionId id, Instant now);
    /// All but the one that asks; how many.
    Result<std::int64_t> end_other_sessions(const directory::Principal& principal, Instant now);

    /// What somebody did, and what was done to their account, newest first. `before_id` 0: from the newest.
    Result<std::vector<audit::AuditEvent>> activity(const directory::Principal& principal, std::int64_t before_id,
                                                    int rows);

private:
    template <class F>
    Result<void> change(const directory::Principal& principal, SecondStepId id, const std::string& action, Instant now,
                        F&& work);

    Parts parts_;
    SecondStepStore steps_;
    SecurityStore store_;
    SpareCodeStore spare_codes_;
};

/// An audit entry about the principal's own account.
audit::Entry own_entry(const directory::Principal& principal, std::string action);

}  // namespace madoguchi::signin
