// SQL of applications.
#pragma once

#include <vector>

#include "accounts/application.hpp"
#include "base/locale.hpp"
#include "db/database.hpp"

namespace madoguchi::accounts {

using ApplicationId = Id<struct ApplicationTag>;

struct Application {
    ApplicationId id;
    std::string number;
    ApplicationState state = ApplicationState::unconfirmed;
    std::string organization_path;  // the health centre's
    OrganizationId health_center;
    std::string health_center_name;
    std::string health_center_phone;
    Applicant applicant;
    std::string phone_sealed;
    std::string phone_masked;
    std::string phone_digest;
    bool phone_mobile = false;
    std::string code_digest;
    std::optional<Instant> code_expires_at;
    int failures = 0;
    int messages_sent = 0;
    std::optional<Instant> sent_at;
    Locale locale = Locale::ja;
    std::string source;
    Instant created_at;
    Instant expires_at;
    std::optional<Instant> confirmed_at;
    std::string question;
    std::optional<Instant> asked_at;
    std::string reply;
    std::optional<Instant> replied_at;
    std::string decided_by_name;
    std::optional<Instant> decided_at;
    std::string reason;
    AccountId account;
};

struct NewApplication {
    std::string number;
    std::string visit_digest;
    std::string phone_end_digest;
    Application application;
};

struct ApplicationFilter {
    std::optional<std::string> state;  // open, asked, done; nothing: all
    std::int64_t after_id = 0;
    int limit = 50;
};

/// A health centre that may be in charge, with how much of the address it has in common (code points).
struct CenterSuggestion {
    OrganizationId id;
    std::string name;
    std::string phone;
    int in_common = 0;
};

/// What the acting jurisdiction knows of the code that was given: for the centre's eyes only.
struct KnownInstitution {
    OrganizationId organization;  // 0: not registered
    std::string name;
    std::string address;
    std::string parent_name;
    std::int64_t accounts = 0;
};

class ApplicationStore {
public:
    /// Of a prefecture, those whose own or whose facilities' addresses begin most alike first.
    Result<std::vector<CenterSuggestion>> centers(db::Transaction& tx, int prefecture,
                                                  const std::string& prefecture_name, const std::string& address,
                                                  int limit) const;
    Result<ApplicationId> insert(db::Transaction& tx, const NewApplication& application) const;
    Result<std::optional<Application>> by_visit(db::Transaction& tx, const std::string& visit_digest) const;
    Result<std::optional<Application>> by_number(db::Transaction& tx, const std::string& number,
                                                 const std::string& phone_end_digest) const;
    Result<std::optional<Application>> find(db::Transaction& tx, ApplicationId id) const;
    /// Nobody else decides until the transaction ends.
    Result<bool> lock(db::Transaction& tx, ApplicationId id) const;
    Result<std::vector<Application>> list(db::Transaction& tx, const ApplicationFilter& filter) const;
    Result<std::int64_t> count_open(db::Transaction& tx) const;

    /// A new code; the one before is worth nothing. False: no more may be sent.
    Result<bool> set_code(db::Transaction& tx, ApplicationId id, const std::string& digest, Instant expires_at,
                          int maximum, Instant now) const;
    /// Counts a code before it is compared. False: too many were wrong.
    Result<bool> count_failure(db::Transaction& tx, ApplicationId id, int maximum) const;
    Result<bool> confirm(db::Transaction& tx, ApplicationId id, Instant now) const;
    Result<bool> ask(db::Transaction& tx, ApplicationId id, const std::string& question, Instant now) const;
    Result<bool> reply(db::Transaction& tx, ApplicationId id, const std::string& reply, Instant now) const;
    Result<bool> decide(db::Transaction& tx, ApplicationId id, ApplicationState state, AccountId by,
                        const std::string& by_name, const std::string& reason, AccountId account, Instant now) const;
    Result<KnownInstitution> known(db::Transaction& tx, const std::string& institution_code) const;
    Result<std::int64_t> forget_unconfirmed(db::Transaction& tx, Instant now) const;
};

}  // namespace madoguchi::accounts
