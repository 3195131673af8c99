// What a server does beside answering: seals the audit log every second, sends the codes that people who forgot their
// password asked for, forgets old flows and throttles.
#pragma once

#include <condition_variable>
#include <mutex>
#include <thread>

#include "audit/audit_service.hpp"
#include "signin/forgotten_service.hpp"
#include "signin/sign_in_service.hpp"
#include "telemetry/log.hpp"

namespace madoguchi::app {

class Housekeeping {
public:
    Housekeeping(audit::AuditService& audit, signin::SignInService& sign_in, signin::ForgottenService& forgotten,
                 const Clock& clock, const telemetry::Log& log)
        : audit_(audit), sign_in_(sign_in), forgotten_(forgotten), clock_(clock), log_(log) {}
    ~Housekeeping() { stop(); }

    void start();
    /// Seals what is left.
    void stop();

private:
    void loop();
    void seal();

    audit::AuditService& audit_;
    signin::SignInService& sign_in_;
    signin::ForgottenService& forgotten_;
    const Clock& clock_;
    const telemetry::Log& log_;
    std::thread thread_;
    std::mutex mutex_;
    std::condition_variable changed_;
    bool stopping_ = false;
};

}  // namespace madoguchi::app
