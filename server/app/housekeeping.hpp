// What a server does beside answering: seals the audit log every second, sends the codes that people who forgot their
// password asked for, forgets old flows, throttles, applications and drafts of reports, from some hour on tells who has
// not sent the draft of a report, and once a day lists, warns and suspends the accounts that nobody uses and deletes
// sessions and messages that ended long ago.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "accounts/application_service.hpp"
#include "accounts/dormancy_service.hpp"
#include "api/idempotency_service.hpp"
#include "app/configuration.hpp"
#include "audit/audit_service.hpp"
#include "events/webhook_service.hpp"
#include "reports/daily_report_service.hpp"
#include "reports/report_reminder_service.hpp"
#include "signin/forgotten_service.hpp"
#include "signin/sign_in_service.hpp"
#include "telemetry/log.hpp"

namespace madoguchi::app {

class Housekeeping {
public:
    struct Parts {
        audit::AuditService& audit;
        signin::SignInService& sign_in;
        signin::ForgottenService& forgotten;
        accounts::DormancyService& dormancy;
        accounts::ApplicationService& applications;
        signin::SessionService& sessions;
        api::IdempotencyService& idempotency;
        events::WebhookService& webhooks;
        messages::MessageService& messages;
        Retention retention;
        reports::DailyReportService& reports;
        reports::ReportReminderService& reminder;
        const Clock& clock;
        const telemetry::Log& log;
    };
    explicit Housekeeping(const Parts& parts)
        : audit_(parts.audit),
          sign_in_(parts.sign_in),
          forgotten_(parts.forgotten),
          dormancy_(parts.dormancy),
          applications_(parts.applications),
          sessions_(parts.sessions),
          idempotency_(parts.idempotency),
          webhooks_(parts.webhooks),
          messages_(parts.messages),
          retention_(parts.retention),
          reports_(parts.reports),
          reminder_(parts.reminder),
          clock_(parts.clock),
          log_(parts.log) {}
    ~Housekeeping() { stop(); }

    void start();
    /// Seals what is left.
    void stop();

private:
    void loop();
    void seal();
    void look_for_unused(Instant now);
    /// Sessions and messages that ended long ago, once a day; in pieces, so that nobody waits behind a large deletion.
    void forget_ended(Instant now);
    void remind_of_drafts(Instant now);

    audit::AuditService& audit_;
    signin::SignInService& sign_in_;
    signin::ForgottenService& forgotten_;
    accounts::DormancyService& dormancy_;
    accounts::ApplicationService& applications_;
    signin::SessionService& sessions_;
    api::IdempotencyService& idempotency_;
    events::WebhookService& webhooks_;
    messages::MessageService& messages_;
    Retention retention_;
    reports::DailyReportService& reports_;
    reports::ReportReminderService& reminder_;
    const Clock& clock_;
    const telemetry::Log& log_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
};

}  // namespace madoguchi::app
