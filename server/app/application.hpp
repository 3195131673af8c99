// The composition root: a configuration becomes services, routes and listeners. The only room that sees all others.
#pragma once

#include <memory>

#include "accounts/request_service.hpp"
#include "app/configuration.hpp"
#include "crypto/keys.hpp"
#include "db/migrations.hpp"
#include "reports/daily_report_service.hpp"
#include "signin/sign_in_service.hpp"

namespace madoguchi::app {

class Application {
public:
    /// Loads keys, templates, texts and lists; connects when first asked to. Errors: invalid and internal, whose detail
    /// says what to do.
    static Result<std::unique_ptr<Application>> make(const Configuration& configuration);
    ~Application();
    Application(const Application&) = delete;
    Application& operator=(const Application&) = delete;

    /// Listeners, outbox worker and audit sealer run until stop(). Errors: unavailable (cannot_listen).
    Result<void> start();
    /// Finishes requests in flight, then the message in hand; false if the deadline passed first.
    bool stop();

    /// Is the database there, and its schema the one of these migrations? Errors: unavailable, conflict.
    Result<void> ready();

    const Clock& clock() const;
    accounts::AccountService& accounts();
    directory::OrganizationService& organizations();
    accounts::RoleService& roles();
    accounts::RequestService& requests();
    reports::DailyReportService& daily_reports();
    db::Database& database();
    audit::AuditService& audit();

private:
    struct Parts;
    explicit Application(std::unique_ptr<Parts> parts);
    std::unique_ptr<Parts> parts_;
};

/// The connection of the service, and that of migrations.
Result<SecretText> service_connection(const Configuration& configuration);
Result<SecretText> migration_connection(const Configuration& configuration);

}  // namespace madoguchi::app
