// Who may read what of the audit log: within one's jurisdiction, or one's own actions only. Asked by the API and by the
// pages.
#pragma once

#include "audit/audit_service.hpp"
#include "directory/authorization.hpp"

namespace madoguchi::console {

class AuditReadingService {
public:
    explicit AuditReadingService(const audit::AuditService& audit) : audit_(audit) {}

    /// Newest first, at most filter.limit. Errors: forbidden.
    Result<std::vector<audit::AuditEvent>> list(const directory::Principal& principal, audit::EventFilter filter,
                                                Instant now) const;
    /// Errors: not_found, forbidden.
    Result<audit::AuditEvent> show(const directory::Principal& principal, std::int64_t id, Instant now) const;
    /// Up to `limit` rows in steps, newest first; that somebody took them along is a row of its own.
    Result<std::vector<audit::AuditEvent>> exported(const directory::Principal& principal, audit::EventFilter filter,
                                                    int limit, Instant now) const;
    /// The whole chain. Errors: forbidden (for the ministry's administrators and auditors).
    Result<audit::Verification> verify(const directory::Principal& principal, Instant now) const;
    bool may_verify(const directory::Principal& principal, Instant now) const;
    /// Only what they did themselves?
    bool sees_only_own(const directory::Principal& principal, Instant now) const;

private:
    Result<std::vector<Actor>> readers(const directory::Principal& principal, audit::EventFilter& filter,
                                       Instant now) const;

    const audit::AuditService& audit_;
};

}  // namespace madoguchi::console
