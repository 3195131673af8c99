// The product's services on a database of their own, with a clock and entropy that tests own and cheap Argon2
// parameters: what the composition root makes, without its listeners and threads.
#pragma once

#include <atomic>
#include <filesystem>
#include <mutex>
#include <random>
#include <stdexcept>

#include "accounts/application_service.hpp"
#include "accounts/dormancy_service.hpp"
#include "accounts/helpdesk_service.hpp"
#include "accounts/request_service.hpp"
#include "messages/outbox_worker.hpp"
#include "signin/account_access.hpp"
#include "signin/forgotten_service.hpp"
#include "signin/recovery_code_service.hpp"
#include "signin/sign_in_service.hpp"
#include "signin/slowed_service.hpp"
#include "signin/throttle_service.hpp"
#include "support/postgres.hpp"

namespace madoguchi::test {

/// Stands still until it is told to move. Safe for many threads.
class TestClock final : public Clock {
public:
    Instant now() const override { return from_microseconds(microseconds_); }
    void advance(std::chrono::microseconds by) { microseconds_ += by.count(); }
    void set(Instant now) { microseconds_ = to_microseconds(now); }

private:
    std::atomic<std::int64_t> microseconds_ = 1'780'000'000'000'000;  // 2026-05-28 in Japan
};

/// The same numbers in every run. Safe for many threads.
class TestEntropy final : public Entropy {
public:
    void fill(std::span<std::uint8_t> bytes) override;

private:
    std::mutex mutex_;
    std::mt19937_64 numbers_{20260528};
};

/// A directory that goes with the test.
class ScratchDirectory {
public:
    ScratchDirectory();
    ~ScratchDirectory();
    ScratchDirectory(const ScratchDirectory&) = delete;
    ScratchDirectory& operator=(const ScratchDirectory&) = delete;
    const std::filesystem::path& path() const { return path_; }

private:
    std::filesystem::path path_;
};

/// The value, or an exception that names the error: for arranging, where a refusal means that the test is wrong.
template <class T>
T must(Result<T> result) {
    if (!result) {
        std::string said = result.error().message_id + ": " + result.error().detail;
        for (const auto& field : result.error().fields) {
            said += " [" + field.field + " " + field.message_id + "]";
        }
        throw std::runtime_error(said);
    }
    if constexpr (!std::is_void_v<T>) {
        return std::move(*result);
    }
}

/// The message id of a refusal, of its field where there is one ("field:rule"), or "ok".
template <class T>
std::string outcome(const Result<T>& result) {
    if (result) {
        return "ok";
    }
    if (result.error().fields.empty()) {
        return result.error().message_id;
    }
    std::string out;
    for (const auto& field : result.error().fields) {
        out += (out.empty() ? "" : " ") + field.field + ":" + field.message_id;
    }
    return out;
}

/// One prefecture with everything below it.
struct Region {
    directory::OrganizationRef prefecture;
    directory::OrganizationRef health_center;
    directory::OrganizationRef facility;
    directory::OrganizationRef other_facility;
    directory::OrganizationRef follow_up_center;
    directory::Principal prefecture_admin;
    directory::Principal health_center_admin;
};

struct Issued {
    accounts::Account account;
    SecretText initial;  // as the letter shows it
};

/// Somebody who is through the first sign-in.
struct Member {
    accounts::Account account;
    SecretText password;
    SecretText seed;    // of the authenticator app; empty: registered by phone
    std::string phone;  // E.164; empty: registered an app
    SecretText session;
};

class World {
public:
    World();

    // --- arranging ---

    /// A prefecture with a health centre, two facilities and a follow-up centre of its own.
    Region region();
    directory::OrganizationRef add(directory::OrganizationKind kind, const directory::OrganizationRef& parent,
                                   const std::string& name);
    /// Somebody with this role at `place`, as their session would say: made behind the services' back.
    directory::Principal principal(directory::Role role, const directory::OrganizationRef& place);
    /// One principal with a further grant.
    directory::Principal with_grant(directory::Principal principal, directory::Role role,
                                    const directory::OrganizationRef& place);
    Issued issue(const directory::Principal& by, const directory::OrganizationRef& place,
                 std::optional<directory::Role> role = std::nullopt);
    /// Issued by the region's health centre for its facility.
    Issued issue(const Region& region) { return issue(region.health_center_admin, region.facility); }

    // --- signing in ---

    signin::Client client(const std::string& source = "192.0.2.10", const std::string& channel = "web") const;
    /// A flow whose ID was typed.
    SecretText flow(const std::string& login_id, const signin::Client& from);
    /// A flow whose password was right.
    SecretText flow_after_password(const std::string& login_id, const SecretText& password, const signin::Client& from);
    Member first_sign_in_by_application(const Issued& issued);
    Member first_sign_in_by_phone(const Issued& issued, signin::MethodKind kind, const std::string& phone);
    /// Password and second step; an app's code of the next step, so the clock moves by 30 s.
    SecretText sign_in_again(const Member& member);
    /// Who a session belongs to, as the next request would be told.
    Result<directory::Principal> check(const SecretText& session, const std::string& channel = "web");
    /// The code of the newest message to `e164`, of an SMS or as a voice reads it.
    std::string code_sent_to(const std::string& e164);
    std::string totp(const SecretText& seed) const;
    static gateway::PhoneNumber mobile(const std::string& national);
    static gateway::PhoneNumber fixed_line(const std::string& national);

    // --- looking ---

    Instant now() const { return clock.now(); }
    accounts::Account account(AccountId id);
    /// Past every policy: the first cell of the answer.
    std::string look(const std::string& sql) const { return run_sql(scratch.superuser_url(), sql); }
    /// How many audit rows say this of `target`.
    int audited(const std::string& action, const std::string& outcome, const std::string& target) const;

    TestClock clock;
    TestEntropy entropy;
    ScratchDirectory files;
    ScratchDatabase scratch;
    db::Database database;
    SecretText token_key;
    SecretText pepper;
    crypto::RelyingParty party = crypto::relying_party("https://madoguchi.example");
    crypto::Envelope envelope;
    crypto::PasswordHasher hasher;
    std::atomic<int> hash_gate_reports = 0;  // the same number for each password that is hashed
    crypto::HashGate gate;
    crypto::SigningKey signing_key;
    std::filesystem::path head_file;
    render::Texts texts;
    crypto::PasswordBlocklist blocklist{std::vector<std::string>{"password", "sunshine"}};
    gateway::PhoneNumbers phones;
    audit::AuditService audit;
    messages::MessageService messages;
    directory::OrganizationService organizations;
    directory::GrantService grants;
    signin::NoticeService notices;
    signin::AccountAccess access;
    accounts::AccountService accounts;
    accounts::RoleService roles;
    accounts::RequestService requests;
    signin::SessionService sessions;
    signin::ThrottleService throttles;
    signin::SecurityService security;
    signin::SignInService sign_in;
    signin::RecoveryCodeService recovery_codes;
    signin::SlowedService slowed;
    signin::ForgottenService forgotten;
    accounts::HelpdeskService helpdesk;
    accounts::DormancyService dormancy;
    accounts::ApplicationService applications;

    directory::OrganizationRef ministry;
    directory::Principal ministry_admin;

    /// For a service that an operator has set up otherwise.
    signin::SignInService::Parts sign_in_parts();

private:
    signin::ForgottenService::Parts forgotten_parts();
    accounts::ApplicationService::Parts application_parts();

    std::atomic<int> count_ = 0;  // makes names, codes and logins unlike
};

/// What members of this world choose.
inline const SecretText kChosenPassword{"うさぎ 3 羽と kame 2 匹"};

}  // namespace madoguchi::test
