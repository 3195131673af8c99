#include "support/world.hpp"

#include <fmt/format.h>
#include <unistd.h>

#include "accounts/account_store.hpp"
#include "base/japanese_text.hpp"
#include "crypto/hmac.hpp"
#include "crypto/totp.hpp"
#include "directory/grant_store.hpp"
#include "directory/organization_codes.hpp"
#include "support/source_directory.hpp"

namespace madoguchi::test {

using directory::OrganizationKind;
using directory::OrganizationRef;
using directory::Principal;
using directory::Role;

namespace {

constexpr crypto::ArgonParameters kCheapArgon{.memory_kib = 8, .passes = 1};

ScratchDatabase& migrated(ScratchDatabase& scratch) {
    scratch.migrate();
    return scratch;
}

crypto::SigningKey make_signing_key(Entropy& entropy) {
    return must(crypto::SigningKey::from_pem(crypto::SigningKey::generate_pem(entropy)));
}

}  // namespace

void TestEntropy::fill(std::span<std::uint8_t> bytes) {
    const std::lock_guard lock(mutex_);
    for (auto& byte : bytes) {
        byte = static_cast<std::uint8_t>(numbers_());
    }
}

ScratchDirectory::ScratchDirectory() {
    std::string pattern = "/tmp/madoguchi-files-XXXXXX";
    if (mkdtemp(pattern.data()) == nullptr) {
        throw std::runtime_error("mkdtemp failed");
    }
    path_ = pattern;
}

ScratchDirectory::~ScratchDirectory() {
    std::error_code ignored;
    std::filesystem::remove_all(path_, ignored);
}

World::World()
    : database(connection_to(migrated(scratch).service_url()), {.connections = 16}),
      token_key(entropy.bytes(32)),
      pepper(entropy.bytes(32)),
      envelope({{"k1", SecretText(entropy.bytes(32))}}, entropy),
      hasher(pepper, entropy, kCheapArgon),
      gate(hasher, {.threads = 2, .waiting = 256}, [this](const crypto::HashGateGauges&) { ++hash_gate_reports; }),
      signing_key(make_signing_key(entropy)),
      head_file(files.path() / "audit-head.json"),
      texts(must(render::Texts::load(source_directory() + "/templates/text"))),
      audit(database, audit::DigestKeys({{"k1", SecretText(entropy.bytes(32))}}), signing_key, head_file),
      messages(database, envelope),
      organizations(database, audit),
      grants(audit),
      notices(messages, texts, entropy, [] {}),
      access({.messages = messages,
              .notices = notices,
              .texts = texts,
              .entropy = entropy,
              .token_key = token_key,
              .message_queued = [] {}}),
      accounts({.database = database,
                .audit = audit,
                .organizations = organizations,
                .grants = grants,
                .access = access,
                .entropy = entropy,
                .token_key = token_key,
                .login_ids = {}}),
      roles(database, audit, organizations, grants, accounts),
      requests({.database = database,
                .audit = audit,
                .organizations = organizations,
                .accounts = accounts,
                .roles = roles,
                .envelope = envelope,
                .token_key = token_key}),
      sessions(database, audit, token_key),
      throttles(database, token_key),
      security({.database = database, .audit = audit, .credentials = {}, .notices = notices}),
      sign_in(sign_in_parts()),
      recovery_codes({.database = database,
                      .audit = audit,
                      .security = security,
                      .notices = notices,
                      .entropy = entropy,
                      .token_key = token_key}),
      slowed(database, accounts),
      forgotten(forgotten_parts()),
      helpdesk({.database = database, .audit = audit, .organizations = organizations, .accounts = accounts}),
      dormancy({.database = database, .audit = audit, .accounts = accounts, .policy = {}}),
      applications(application_parts()) {
    const auto first = must(accounts.bootstrap("本省", Role::ministry_admin, false, now()));
    ministry = first->account.organization;
    ministry_admin = Principal{.account = first->account.id,
                               .login_id = first->account.login_id,
                               .name = first->account.family_name,
                               .home = ministry,
                               .grants = first->account.grants,
                               .channel = "api",
                               .source = "192.0.2.1"};
}

signin::SignInService::Parts World::sign_in_parts() {
    return {.database = database,
            .audit = audit,
            .credentials = {},
            .gate = gate,
            .envelope = envelope,
            .blocklist = blocklist,
            .phones = phones,
            .messages = messages,
            .notices = notices,
            .security = security,
            .texts = texts,
            .entropy = entropy,
            .token_key = token_key,
            .relying_party = party,
            .message_queued = [] {},
            .outcome = [](std::string_view) {}};
}

accounts::ApplicationService::Parts World::application_parts() {
    return {.database = database,
            .audit = audit,
            .organizations = organizations,
            .accounts = accounts,
            .envelope = envelope,
            .phones = phones,
            .messages = messages,
            .texts = texts,
            .entropy = entropy,
            .token_key = token_key,
            .message_queued = [] {}};
}

signin::ForgottenService::Parts World::forgotten_parts() {
    return {.database = database,
            .audit = audit,
            .accounts = accounts,
            .credentials = {},
            .envelope = envelope,
            .messages = messages,
            .texts = texts,
            .entropy = entropy,
            .token_key = token_key,
            .message_queued = [] {}};
}

// --- arranging ---

OrganizationRef World::add(OrganizationKind kind, const OrganizationRef& parent, const std::string& name) {
    const int number = ++count_;
    directory::CreateOrganization command{.kind = kind, .parent = parent.id, .name = name};
    if (kind == OrganizationKind::facility) {
        command.institution_code =
            directory::make_institution_code(13, directory::ScoreTable::medical, number / 10000, number % 10000);
    } else if (kind == OrganizationKind::prefecture) {
        command.local_government_code = "130001";
    }
    const Role creator = parent.kind == OrganizationKind::ministry     ? Role::ministry_admin
                         : parent.kind == OrganizationKind::prefecture ? Role::prefecture_admin
                                                                       : Role::health_center_admin;
    const Principal by = creator == Role::ministry_admin ? ministry_admin : principal(creator, parent);
    return directory::ref(must(organizations.create(by, command, directory::Mode::real, now())).organization);
}

Region World::region() {
    Region out;
    const int number = ++count_;
    out.prefecture = add(OrganizationKind::prefecture, ministry, fmt::format("試験県{}", number));
    out.health_center = add(OrganizationKind::health_center, out.prefecture, fmt::format("試験{}保健所", number));
    out.facility = add(OrganizationKind::facility, out.health_center, fmt::format("試験{}内科", number));
    out.other_facility = add(OrganizationKind::facility, out.health_center, fmt::format("試験{}外科", number));
    out.follow_up_center =
        add(OrganizationKind::follow_up_center, out.health_center, fmt::format("試験{}フォローアップセンター", number));
    out.prefecture_admin = principal(Role::prefecture_admin, out.prefecture);
    out.health_center_admin = principal(Role::health_center_admin, out.health_center);
    return out;
}

Principal World::principal(Role role, const OrganizationRef& place) {
    const std::string login_id = fmt::format("test-{}-{}@madoguchi.example", directory::to_text(role), ++count_);
    const std::string ascii = [&] {
        std::string text = login_id;
        std::ranges::replace(text, '_', '-');
        return text;
    }();
    const AccountId id = must(database.transact(Actor::system(), [&](db::Transaction& tx) {
        return accounts::AccountStore().insert(tx, {ascii, place, {"試験", "太郎", "シケン", "タロウ"}, ascii, {}},
                                               now());
    }));
    const Principal bare{.account = id,
                         .login_id = ascii,
                         .name = "試験 太郎",
                         .home = place,
                         .grants = {},
                         .channel = "api",
                         .source = "192.0.2.1"};
    return with_grant(bare, role, place);
}

Principal World::with_grant(Principal principal, Role role, const OrganizationRef& place) {
    directory::Grant grant{.id = {}, .role = role, .organization = place, .from = now(), .until = std::nullopt};
    grant.id = must(database.transact(Actor::system(), [&](db::Transaction& tx) {
        return directory::GrantStore().insert(tx, principal.account, principal.home.path, grant, std::nullopt, now());
    }));
    principal.grants.push_back(grant);
    return principal;
}

Issued World::issue(const Principal& by, const OrganizationRef& place, std::optional<Role> role) {
    auto changed = must(
        accounts.issue(by, {place.id, "", {"山田", "花子", "ヤマダ", "ハナコ"}, role}, directory::Mode::real, now()));
    return {std::move(changed.account), changed.initial_password->shown};
}

// --- signing in ---

signin::Client World::client(const std::string& source, const std::string& channel) const {
    return {source, "test-request", channel, "test browser", Locale::ja, now()};
}

SecretText World::flow(const std::string& login_id, const signin::Client& from) {
    return must(sign_in.start(login_id, from)).flow_token;
}

SecretText World::flow_after_password(const std::string& login_id, const SecretText& password,
                                      const signin::Client& from) {
    return must(sign_in.password({flow(login_id, from), std::nullopt}, password, from)).flow_token;
}

Member World::first_sign_in_by_application(const Issued& issued) {
    const auto from = client();
    const signin::Step step{flow_after_password(issued.account.login_id, issued.initial, from), std::nullopt};
    must(sign_in.register_application(step, from));
    const SecretText seed = must(sign_in.view(step.token, now())).seed;
    const auto passed = must(sign_in.code(step, totp(seed), from));
    auto done = must(sign_in.new_password({passed.flow_token, std::nullopt}, issued.initial, kChosenPassword,
                                          kChosenPassword, from));
    return {account(issued.account.id), kChosenPassword, seed, "", done.session_token};
}

Member World::first_sign_in_by_phone(const Issued& issued, signin::MethodKind kind, const std::string& phone) {
    const auto from = client();
    const auto number = kind == signin::MethodKind::sms ? mobile(phone) : fixed_line(phone);
    const signin::Step step{flow_after_password(issued.account.login_id, issued.initial, from), std::nullopt};
    must(sign_in.register_phone(step, kind, number, from));
    const auto passed = must(sign_in.code(step, code_sent_to(number.e164), from));
    auto done = must(sign_in.new_password({passed.flow_token, std::nullopt}, issued.initial, kChosenPassword,
                                          kChosenPassword, from));
    return {account(issued.account.id), kChosenPassword, {}, number.e164, done.session_token};
}

SecretText World::sign_in_again(const Member& member) {
    clock.advance(limits::kTotpStep);
    const auto from = client();
    const signin::Step step{flow_after_password(member.account.login_id, member.password, from), std::nullopt};
    const std::string code = member.phone.empty() ? totp(member.seed) : code_sent_to(member.phone);
    return must(sign_in.code(step, code, from)).session_token;
}

Result<Principal> World::check(const SecretText& session, const std::string& channel) {
    http::Request request;
    request.path = channel == "api" ? "/api/v1/me" : "/";
    request.now = now();
    if (channel == "api") {
        request.headers.add("authorization", "Bearer " + session.reveal());
    } else {
        request.cookies.emplace(http::kSessionCookie, session.reveal());
    }
    return sessions.check(request);
}

std::string World::code_sent_to(const std::string& e164) {
    for (const auto& message : must(messages.inbox(now()))) {
        if (message.e164 != e164) {
            continue;
        }
        std::string digits;
        for (const char c : message.text.reveal()) {
            if (c >= '0' && c <= '9' && digits.size() < limits::kCodeDigits) {
                digits += c;
            }
        }
        return digits;
    }
    throw std::runtime_error("no message went to " + e164);
}

std::string World::totp(const SecretText& seed) const {
    return crypto::totp_code(seed, crypto::totp_step(now()));
}

gateway::PhoneNumber World::mobile(const std::string& national) {
    static const gateway::PhoneNumbers numbers;
    return must(numbers.parse(national, "JP", gateway::PhonePurpose::sms));
}

gateway::PhoneNumber World::fixed_line(const std::string& national) {
    static const gateway::PhoneNumbers numbers;
    return must(numbers.parse(national, "JP", gateway::PhonePurpose::voice));
}

// --- looking ---

accounts::Account World::account(AccountId id) {
    auto found =
        must(database.transact(Actor::system(), [&](db::Transaction& tx) { return accounts.find(tx, id, now()); }));
    return std::move(*found);
}

int World::audited(const std::string& action, const std::string& outcome, const std::string& target) const {
    return std::stoi(look(
        fmt::format("select count(*) from audit_events where action = '{}' and outcome = '{}' and target_name = '{}'",
                    action, outcome, target)));
}

}  // namespace madoguchi::test
