// Use cases of applications: somebody without an ID applies and proves a telephone; the health centre accepts, asks
// back or declines. The public part says the same whatever the directory holds (S12): that a clinic is registered, or
// has an account, is seen by its centre only.
#pragma once

#include <functional>

#include "accounts/account_service.hpp"
#include "accounts/application_store.hpp"
#include "crypto/envelope.hpp"
#include "gateway/phone_number.hpp"
#include "messages/message_service.hpp"
#include "render/texts.hpp"

namespace madoguchi::accounts {

/// Who applies, as nginx vouches.
struct ApplicantClient {
    std::string source;
    std::string request_id;
    Locale locale = Locale::ja;
    Instant now;
};

/// What was understood, before anything is stored or sent.
struct ApplyReadBack {
    Applicant applicant;
    gateway::PhoneNumber phone;
    std::vector<CenterSuggestion> centers;  // the likeliest first
};

struct ApplicationDetails {
    Application application;
    std::string phone;  // to call back; empty on public pages
    KnownInstitution known;
    bool may_decide = false;
};

struct AcceptedApplication {
    Application application;
    Changed issued;
};

class ApplicationService {
public:
    struct Parts {
        db::Database& database;
        audit::AuditService& audit;
        directory::OrganizationService& organizations;
        AccountService& accounts;
        const crypto::Envelope& envelope;
        const gateway::PhoneNumbers& phones;
        const messages::MessageService& messages;
        const render::Texts& texts;
        Entropy& entropy;
        SecretText token_key;
        std::function<void()> message_queued;
    };
    explicit ApplicationService(Parts parts) : parts_(std::move(parts)) {}

    // --- for anybody ---

    /// Errors: invalid (each field).
    Result<ApplyReadBack> read_back(const ApplyForm& form, Instant now);
    /// Stores it unconfirmed and sends a code; the token that the browser keeps. Errors: invalid, too_many,
    /// unavailable.
    Result<SecretText> start(const ApplyForm& form, OrganizationId center, const ApplicantClient& client);
    /// Errors: unauthenticated (application_lost).
    Result<Application> by_visit(const SecretText& visit, Instant now);
    /// Errors: unauthenticated, too_many (resend_wait, application_messages).
    Result<void> send_again(const SecretText& visit, const ApplicantClient& client);
    /// Errors: unauthenticated, invalid (code: wrong_code, code_expired), too_many.
    Result<Application> confirm(const SecretText& visit, const std::string& code, const ApplicantClient& client);
    /// By the receipt number and the last digits of the telephone. Errors: invalid (number: application_unknown).
    Result<Application> look(const std::string& number, const std::string& phone_end, Instant now);
    Result<Application> reply(const std::string& number, const std::string& phone_end, const std::string& text,
                              const ApplicantClient& client);

    // --- for the health centre ---

    Result<std::vector<Application>> list(const Principal& principal, const ApplicationFilter& filter, Instant now);
    Result<std::int64_t> count_open(const Principal& principal, Instant now);
    Result<ApplicationDetails> show(const Principal& principal, ApplicationId id, Instant now);
    /// Errors: invalid (question, reason), not_found, forbidden, conflict (already_decided).
    Result<Application> ask(const Principal& principal, ApplicationId id, const std::string& question, Instant now);
    Result<Application> decline(const Principal& principal, ApplicationId id, const std::string& reason, Instant now);
    /// Registers the clinic where it is not yet, and issues an account. Errors: as of those two, and conflict.
    Result<AcceptedApplication> accept(const Principal& principal, ApplicationId id, Instant now);

    Result<void> forget_old(Instant now);

private:
    Actor anybody(const ApplicantClient& client) const;
    std::string visit_digest(const SecretText& visit) const;
    std::string end_digest(const std::string& number, const std::string& phone_end) const;
    audit::Entry entry_for(const Application& application, std::string action) const;
    Result<void> send_code(db::Transaction& tx, const Application& application, const std::string& visit,
                           const ApplicantClient& client);
    Result<void> tell(db::Transaction& tx, const Application& application, const std::string& what, Instant now);
    Result<Application> lost_unless(std::optional<Application> found, Instant now) const;
    Result<Application> decide_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                      ApplicationId id, ApplicationEvent event, const std::string& text, Instant now);
    Result<Application> decide(const Principal& principal, ApplicationId id, ApplicationEvent event,
                               const std::string& text, Instant now);
    Result<AcceptedApplication> accept_within(db::Transaction& tx, const Principal& principal, const Actor& actor,
                                              ApplicationId id, OrganizationId organization, Instant now);
    Result<OrganizationId> ensure_facility(const Principal& principal, const ApplicationDetails& details, Instant now);

    Parts parts_;
    ApplicationStore store_;
};

}  // namespace madoguchi::accounts
