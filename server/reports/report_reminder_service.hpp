// Tells who typed a report and never sent it: 838 cases were once lost between the confirmation and the last button.
#pragma once

#include <functional>

#include "audit/audit_service.hpp"
#include "reports/report_reminder_store.hpp"

namespace madoguchi::reports {

class ReportReminderService {
public:
    /// Queues a message to every telephone of the account; the room of second steps knows them.
    using Tell = std::function<Result<void>(db::Transaction&, const ForgottenDraft&, ReportDate, Instant now)>;
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        Tell tell;
        int hour = 17;  // of Japan's day, from which on drafts are reminded of; 24: never
    };
    explicit ReportReminderService(Parts parts) : parts_(std::move(parts)) {}

    /// Today's drafts that nobody touched for a while, each once. How many were told about.
    Result<int> remind(Instant now);

private:
    Parts parts_;
    ReportReminderStore store_;
};

}  // namespace madoguchi::reports
