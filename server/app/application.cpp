#include "app/application.hpp"

#include <fmt/format.h>

#include <future>

#include "accounts/account_api.hpp"
#include "accounts/account_pages.hpp"
#include "accounts/batch_api.hpp"
#include "accounts/batch_pages.hpp"
#include "accounts/batch_worker.hpp"
#include "accounts/desk_pages.hpp"
#include "accounts/dormancy_api.hpp"
#include "accounts/handover_api.hpp"
#include "accounts/handover_pages.hpp"
#include "accounts/issue_pages.hpp"
#include "accounts/letter_pages.hpp"
#include "api/idempotency_service.hpp"
#include "api/openapi_document.hpp"
#include "api/openapi_pages.hpp"
#include "app/clock.hpp"
#include "app/error_pages.hpp"
#include "app/gateways.hpp"
#include "app/housekeeping.hpp"
#include "app/message_budget.hpp"
#include "console/apply_pages.hpp"
#include "console/audit_api.hpp"
#include "console/audit_pages.hpp"
#include "console/handover_opening_pages.hpp"
#include "console/help_pages.hpp"
#include "console/helpdesk_api.hpp"
#include "console/helpdesk_pages.hpp"
#include "console/home_pages.hpp"
#include "console/inbox_pages.hpp"
#include "console/search_pages.hpp"
#include "console/today_pages.hpp"
#include "crypto/hmac.hpp"
#include "db/connection_string.hpp"
#include "directory/console_pages.hpp"
#include "directory/organization_api.hpp"
#include "directory/organization_file_pages.hpp"
#include "directory/organization_import_api.hpp"
#include "directory/organization_pages.hpp"
#include "events/event_api.hpp"
#include "events/event_worker.hpp"
#include "events/webhook_api.hpp"
#include "events/webhook_pages.hpp"
#include "http/assets.hpp"
#include "http/edge.hpp"
#include "messages/outbox_worker.hpp"
#include "messages/receipt_api.hpp"
#include "reports/completeness_api.hpp"
#include "reports/completeness_pages.hpp"
#include "reports/curve_api.hpp"
#include "reports/curve_pages.hpp"
#include "reports/proxy_report_api.hpp"
#include "reports/proxy_report_pages.hpp"
#include "reports/report_api.hpp"
#include "reports/report_change_api.hpp"
#include "reports/report_import_api.hpp"
#include "reports/report_import_pages.hpp"
#include "reports/report_pages.hpp"
#include "scim/scim_api.hpp"
#include "signin/account_access.hpp"
#include "signin/forgotten_pages.hpp"
#include "signin/security_api.hpp"
#include "signin/security_pages.hpp"
#include "signin/sign_in_api.hpp"
#include "signin/sign_in_pages.hpp"
#include "signin/slowed_pages.hpp"
#include "tokens/token_api.hpp"
#include "tokens/token_pages.hpp"

namespace madoguchi::app {
namespace {

std::unique_ptr<Clock> make_clock(const Configuration& configuration) {
    if (configuration.clock_offset_file.empty()) {
        return std::make_unique<SystemClock>();
    }
    return std::make_unique<OffsetClock>(configuration.clock_offset_file);
}

std::optional<std::chrono::days> password_life(const Configuration& configuration) {
    const int days = configuration.password_life_days;
    return days == 0 ? std::nullopt : std::optional(std::chrono::days(days));
}

telemetry::SignInOutcome outcome_named(std::string_view name) {
    using telemetry::SignInOutcome;
    if (name == "wrong_password" || name == "password_refused") {
        return SignInOutcome::password_refused;
    }
    if (name == "wrong_code") {
        return SignInOutcome::second_step_refused;
    }
    return name == "signed_in" ? SignInOutcome::session_opened : SignInOutcome::second_step_accepted;
}

Result<SecretText> connection(const Configuration& configuration, const std::string& user,
                              const std::filesystem::path& file, bool migration) {
    db::ConnectionSettings settings{.url = configuration.database_url, .user = user};
    if (!file.empty()) {
        settings.password = SecretText(TRY(read_secret_file(file, configuration.mode)));
    }
    return migration ? db::migration_connection_string(std::move(settings)) : db::connection_string(settings);
}

// A receiver on this machine is for trying things out.
events::UrlPolicy webhook_urls_of(const Configuration& configuration) {
    const auto& hosts = configuration.gateway.webhook_hosts;
    return {.allowed_hosts = {hosts.begin(), hosts.end()}, .plain_http = configuration.mode == RunMode::development};
}

/// Four listeners, so that what takes long holds up nothing else: password checks wait for a processor, the other
/// steps of signing in for the disk, files and letters take seconds, and pages and the API wait for none of it.
/// Pistache ties a connection to a thread.
struct Listener {
    Listener(http::DispatcherSettings settings, const http::RouteTable& routes, http::ErrorRenderer renderer,
             const http::Surroundings& surroundings, http::EdgeSettings edge_settings)
        : dispatcher(std::move(settings), routes, std::move(renderer), surroundings),
          edge(std::move(edge_settings), dispatcher) {}
    http::Dispatcher dispatcher;
    http::HttpEdge edge;
};

// Everything that can fail is loaded first; what stands on it is then plain construction.
struct Loaded {
    crypto::Keys keys;
    SecretText edge_secret;
    SecretText connection;
    GatewaySecrets gateway_secrets;
    crypto::SigningKey signing_key;
    crypto::PasswordBlocklist blocklist;
    render::Texts texts;
    render::Templates templates;
    http::Assets assets;
    db::Migrations migrations;
    nlohmann::ordered_json openapi;
};

Result<Loaded> load(const Configuration& configuration) {
    auto keys = TRY(crypto::load_keys(configuration.keys_directory));
    auto signing_key = TRY(crypto::SigningKey::from_pem(keys.audit_signing_pem));
    auto texts = TRY(render::Texts::load(configuration.templates_directory / "text"));
    for (const auto& country : configuration.gateway.countries) {
        if (!texts.has("country." + country)) {
            return failure(
                ErrorKind::invalid, "configuration",
                fmt::format("phone.countries: {0} has no name yet; add country.{0} to templates/text/ja.json "
                            "and en.json",
                            country));
        }
    }
    auto gateway_secrets = TRY(read_gateway_secrets(configuration, keys.token));
    auto templates = TRY(render::Templates::load(configuration.templates_directory, texts));
    auto edge_secret = SecretText(TRY(read_edge_secret(configuration.edge_secret_file, configuration.mode)));
    auto connection = TRY(service_connection(configuration));
    auto blocklist = TRY(crypto::PasswordBlocklist::load());
    auto assets = TRY(http::Assets::load(configuration.templates_directory / "assets"));
    auto migrations = TRY(db::Migrations::load(configuration.migrations_directory));
    auto openapi = TRY(api::load_openapi(configuration.templates_directory / "api" / "openapi.yaml"));
    return Loaded{.keys = std::move(keys),
                  .edge_secret = std::move(edge_secret),
                  .connection = std::move(connection),
                  .gateway_secrets = std::move(gateway_secrets),
                  .signing_key = std::move(signing_key),
                  .blocklist = std::move(blocklist),
                  .texts = std::move(texts),
                  .templates = std::move(templates),
                  .assets = std::move(assets),
                  .migrations = std::move(migrations),
                  .openapi = std::move(openapi)};
}

}  // namespace

Result<SecretText> service_connection(const Configuration& configuration) {
    return connection(configuration, configuration.database_user, configuration.database_password_file, false);
}

Result<SecretText> migration_connection(const Configuration& configuration) {
    return connection(configuration, configuration.migration_user, configuration.migration_password_file, true);
}

struct Application::Parts {
    Parts(const Configuration& configuration_, Loaded loaded_)
        : configuration(configuration_),
          loaded(std::move(loaded_)),
          clock(make_clock(configuration)),
          log(configuration.log_level, *clock) {}

    Configuration configuration;
    Loaded loaded;
    std::unique_ptr<Clock> clock;
    OsEntropy entropy;
    telemetry::Log log;
    telemetry::Metrics metrics;

    db::Database database{
        loaded.connection,
        {.connections = static_cast<std::size_t>(configuration.database_connections),
         .observer = [this](std::string_view event, std::string_view query, std::string_view sql_state) {
             log.warning(event, {{"query", query}, {"sqlstate", sql_state}});
             metrics.database_error(sql_state);
         }}};
    SecretText token_key = loaded.keys.token;
    crypto::Envelope envelope{loaded.keys.envelope, entropy};
    crypto::PasswordHasher hasher{loaded.keys.pepper, entropy};
    crypto::HashGate gate{
        hasher, {}, [this](const crypto::HashGateGauges& gauges) { metrics.hash_gate_waiting(gauges.waiting); }};
    gateway::PhoneNumbers phones{configuration.gateway.countries};
    audit::AuditService audit{database, audit::DigestKeys(loaded.keys.audit), loaded.signing_key,
                              configuration.audit_head_file};

    messages::MessageService messages{database, envelope, configuration.gateway.caps};
    gateway::CurlHttpClient gateway_http{configuration.gateway.ca_file};
    gateway::FallbackGateway gateway =
        make_gateway(configuration.gateway, loaded.gateway_secrets, gateway_http, *clock, gateway_observer());
    MessageBudget budget{configuration.gateway, metrics, log};
    messages::OutboxWorker outbox{{.database = database,
                                   .envelope = envelope,
                                   .gateway = gateway,
                                   .clock = *clock,
                                   .keep_texts = configuration.mode == RunMode::development,
                                   .observer = outbox_observer()}};

    directory::OrganizationService organizations{database, audit};
    directory::GrantService grants{audit};
    signin::NoticeService notices{messages, loaded.texts, entropy, [this] { outbox.wake(); }};
    signin::AccountAccess access{{.messages = messages,
                                  .notices = notices,
                                  .texts = loaded.texts,
                                  .entropy = entropy,
                                  .token_key = token_key,
                                  .message_queued = [this] { outbox.wake(); }}};
    accounts::AccountService accounts{{.database = database,
                                       .audit = audit,
                                       .organizations = organizations,
                                       .grants = grants,
                                       .access = access,
                                       .entropy = entropy,
                                       .token_key = token_key,
                                       .login_ids = {configuration.login_id_domain, configuration.login_id_pattern}}};
    accounts::LetterService letters{{.database = database,
                                     .audit = audit,
                                     .organizations = organizations,
                                     .entropy = entropy,
                                     .token_key = token_key,
                                     .service = {configuration.origin, configuration.helpdesk_phone,
                                                 static_cast<std::size_t>(configuration.password_minimum)},
                                     .texts = loaded.texts}};
    accounts::HandoverService handover{{.database = database,
                                        .audit = audit,
                                        .organizations = organizations,
                                        .letters = letters,
                                        .envelope = envelope,
                                        .phones = phones,
                                        .messages = messages,
                                        .texts = loaded.texts,
                                        .entropy = entropy,
                                        .token_key = token_key,
                                        .origin = configuration.origin,
                                        .message_queued = [this] { outbox.wake(); }}};
    accounts::BatchService batches{{.database = database,
                                    .audit = audit,
                                    .grants = grants,
                                    .accounts = accounts,
                                    .login_ids = {configuration.login_id_domain, configuration.login_id_pattern}}};
    accounts::BatchWorker batch_worker{
        [this](Instant now) { return batches.work(now); }, *clock,
        [this](const Error& error) {
            log.error("batch_step_failed", {{"reason", error.message_id}, {"detail", error.detail}});
        }};
    directory::OrganizationImportService imports{database, audit, grants};
    accounts::BatchWorker import_worker{
        [this](Instant now) { return imports.work(now); }, *clock,
        [this](const Error& error) {
            log.error("import_step_failed", {{"reason", error.message_id}, {"detail", error.detail}});
        }};
    accounts::RoleService roles{database, audit, organizations, grants, accounts};
    accounts::RequestService requests{{.database = database,
                                       .audit = audit,
                                       .organizations = organizations,
                                       .accounts = accounts,
                                       .roles = roles,
                                       .envelope = envelope,
                                       .token_key = token_key}};
    signin::SessionService sessions{database, audit, token_key};
    signin::ThrottleService throttles{database, token_key};
    signin::SecurityService security{{.database = database, .audit = audit, .credentials = {}, .notices = notices}};
    signin::SignInService sign_in{{.database = database,
                                   .audit = audit,
                                   .credentials = {},
                                   .gate = gate,
                                   .envelope = envelope,
                                   .blocklist = loaded.blocklist,
                                   .phones = phones,
                                   .messages = messages,
                                   .notices = notices,
                                   .security = security,
                                   .texts = loaded.texts,
                                   .entropy = entropy,
                                   .token_key = token_key,
                                   .relying_party = crypto::relying_party(configuration.origin),
                                   .password_minimum = static_cast<std::size_t>(configuration.password_minimum),
                                   .password_life = password_life(configuration),
                                   .message_queued = [this] { outbox.wake(); },
                                   .outcome = [this](std::string_view name) { metrics.sign_in(outcome_named(name)); }}};
    signin::RecoveryCodeService recovery_codes{{.database = database,
                                                .audit = audit,
                                                .security = security,
                                                .notices = notices,
                                                .entropy = entropy,
                                                .token_key = token_key}};
    tokens::TokenService tokens{
        {.database = database,
         .audit = audit,
         .organizations = organizations,
         .entropy = entropy,
         .token_key = token_key,
         .confirmed = [this](db::Transaction& tx, const directory::Principal& principal,
                             Instant now) { return security.require_confirmed(tx, principal, now); },
         .tell = token_made()}};
    events::EventService events{database};
    events::UrlPolicy webhook_urls = webhook_urls_of(configuration);
    gateway::CurlHttpClient public_http{{}, {}, gateway::Reachable::only_public};
    gateway::CurlHttpClient own_network_http;
    events::WebhookService webhooks{
        {.database = database,
         .audit = audit,
         .organizations = organizations,
         .envelope = envelope,
         .entropy = entropy,
         .urls = webhook_urls,
         .confirmed = [this](db::Transaction& tx, const directory::Principal& principal, Instant now) {
             return security.require_confirmed(tx, principal, now);
         }}};
    events::DeliveryService deliveries{
        {.database = database,
         .envelope = envelope,
         .entropy = entropy,
         .clock = *clock,
         .outside = public_http,
         .inside = own_network_http,
         .urls = webhook_urls,
         .source = configuration.origin,
         .note = [this](std::string_view event, events::WebhookId webhook, std::string_view detail) {
             log.warning(event, {{"webhook", webhook.value}, {"detail", detail}});
         }}};
    events::EventWorker event_worker{
        {.events = events,
         .deliveries = deliveries,
         .clock = *clock,
         .figures =
             [this](const events::DeliveryFigures& figures) {
                 metrics.webhooks(figures.waiting, figures.dead, std::chrono::seconds(figures.oldest_seconds));
             },
         .failed =
             [this](const Error& error) {
                 log.error("event_step_failed", {{"reason", error.message_id}, {"detail", error.detail}});
             }}};
    api::IdempotencyService idempotency{
        {.database = database, .envelope = envelope, .token_key = token_key, .guard = person_or_script()}};
    const std::string scim_base = configuration.origin + "/scim/v2";
    scim::UserService scim_users{
        {.database = database, .audit = audit, .grants = grants, .accounts = accounts, .base = scim_base}};
    scim::GroupService scim_groups{{.database = database, .audit = audit, .roles = roles, .base = scim_base}};
    signin::SlowedService slowed{database, accounts};
    signin::ForgottenService forgotten{{.database = database,
                                        .audit = audit,
                                        .accounts = accounts,
                                        .credentials = {},
                                        .envelope = envelope,
                                        .messages = messages,
                                        .texts = loaded.texts,
                                        .entropy = entropy,
                                        .token_key = token_key,
                                        .message_queued = [this] { outbox.wake(); }}};

    accounts::HelpdeskService helpdesk{
        {.database = database, .audit = audit, .organizations = organizations, .accounts = accounts}};
    accounts::DormancyService dormancy{
        {.database = database, .audit = audit, .accounts = accounts, .policy = configuration.dormancy}};
    accounts::ApplicationService applications{{.database = database,
                                               .audit = audit,
                                               .organizations = organizations,
                                               .accounts = accounts,
                                               .envelope = envelope,
                                               .phones = phones,
                                               .messages = messages,
                                               .texts = loaded.texts,
                                               .entropy = entropy,
                                               .token_key = token_key,
                                               .message_queued = [this] { outbox.wake(); }}};
    console::AuditReadingService audit_reading{audit};
    reports::ReportReminderService report_reminder{
        {.database = database, .audit = audit, .tell = reminder(), .hour = configuration.report_reminder_hour}};
    reports::DailyReportService daily_reports{
        {.database = database, .audit = audit, .token_key = token_key, .policy = configuration.reports}};
    reports::CompletenessService completeness{{.database = database,
                                               .audit = audit,
                                               .policy = configuration.reports,
                                               .usual = configuration.report_schedule}};
    reports::ReportScheduleService report_schedules{
        {.database = database, .audit = audit, .usual = configuration.report_schedule}};
    reports::MissingReportService missing_reports{
        {.database = database, .audit = audit, .completeness = completeness, .tell = missing_report()}};
    reports::CurveService curve{database, completeness};
    reports::ProxyReportService proxy_reports{
        {.database = database, .audit = audit, .organizations = organizations, .reports = daily_reports}};
    reports::ReportImportService report_imports{
        {.database = database, .audit = audit, .grants = grants, .daily = daily_reports, .proxy = proxy_reports}};
    accounts::BatchWorker report_import_worker{
        [this](Instant now) { return report_imports.work(now); }, *clock,
        [this](const Error& error) {
            log.error("report_import_step_failed", {{"reason", error.message_id}, {"detail", error.detail}});
        }};

    render::PageWriter writer{loaded.templates,
                              loaded.texts,
                              loaded.assets,
                              {.helpdesk_phone = configuration.helpdesk_phone,
                               .development = configuration.mode == RunMode::development,
                               .sends_out = configuration.gateway.kind == "providers",
                               .password_minimum = static_cast<std::size_t>(configuration.password_minimum)}};
    signin::SignInPages sign_in_pages{sign_in, sessions, phones, writer, "窓口 Madoguchi"};
    signin::SecurityPages security_pages{security, recovery_codes, sign_in, sessions, writer};
    signin::ForgottenPages forgotten_pages{forgotten, writer};
    http::RouteTable routes;
    directory::Console console{routes, [this](const http::Request& request) { return sessions.check(request); },
                               writer};
    accounts::AccountListService account_lists{database, grants};
    directory::OrganizationListService organization_lists{database};
    accounts::AccountPages account_pages{accounts, account_lists, handover, console};
    directory::OrganizationPages organization_pages{organizations, organization_lists, console};
    directory::OrganizationFilePages organization_file_pages{imports, organization_lists, console,
                                                             [this] { import_worker.wake(); }};
    console::TodayPages today{account_lists, console};
    accounts::IssuePages issue_pages{accounts, letters, organizations, console};
    accounts::LetterPages letter_pages{letters, console};
    accounts::HandoverPages handover_pages{handover, organizations, console};
    accounts::BatchPages batch_pages{batches, letters, console, [this] { batch_worker.wake(); }};
    reports::ReportPages report_pages{
        {.service = daily_reports,
         .organizations = organizations,
         .guard = [this](const http::Request& request) { return sessions.check(request); },
         .console = console,
         .writer = writer}};
    reports::CompletenessPages completeness_pages{
        {.completeness = completeness, .schedules = report_schedules, .missing = missing_reports, .console = console}};
    reports::CurvePages curve_pages{curve, completeness, console};
    reports::ReportImportPages report_import_pages{report_imports, console, [this] { report_import_worker.wake(); }};
    Housekeeping housekeeping{{.audit = audit,
                               .sign_in = sign_in,
                               .forgotten = forgotten,
                               .dormancy = dormancy,
                               .applications = applications,
                               .sessions = sessions,
                               .idempotency = idempotency,
                               .webhooks = webhooks,
                               .messages = messages,
                               .retention = configuration.retention,
                               .reports = daily_reports,
                               .reminder = report_reminder,
                               .clock = *clock,
                               .log = log}};
    std::vector<std::unique_ptr<Listener>> listeners;

    /// A person who is signed in, or a script with a token.
    directory::Guard person_or_script() {
        return [this](const http::Request& request) {
            return tokens::TokenService::carried_by(request) ? tokens.check(request) : sessions.check(request);
        };
    }
    gateway::GatewayObserver gateway_observer();
    reports::ReportReminderService::Tell reminder();
    reports::MissingReportService::Tell missing_report();
    std::function<Result<void>(db::Transaction&, const directory::Principal&, const std::string&, Instant)>
    token_made();
    messages::OutboxObserver outbox_observer();
    void add_routes();
    void add_console_routes();
    void add_receipt_routes();
    void add_operator_routes();
    Result<void> ready();
    Result<void> listen(const std::string& name, const std::string& address, int threads);
};

gateway::GatewayObserver Application::Parts::gateway_observer() {
    return {[this](std::string_view provider, MessageId message, const gateway::Offer& offer) {
                metrics.gateway_offer(provider, gateway::to_text(offer.outcome));
                if (offer.outcome != gateway::Offer::Outcome::taken) {
                    log.warning("gateway_refused", {{"gateway", provider},
                                                    {"message", message.value},
                                                    {"outcome", gateway::to_text(offer.outcome)},
                                                    {"why", offer.why}});
                }
            },
            [this](std::string_view provider, bool skipped) {
                metrics.gateway_skipped(provider, skipped);
                log.write(skipped ? telemetry::LogLevel::error : telemetry::LogLevel::info,
                          skipped ? "gateway_skipped" : "gateway_back", {{"gateway", provider}});
            }};
}

reports::ReportReminderService::Tell Application::Parts::reminder() {
    return [this](db::Transaction& tx, const reports::ForgottenDraft& draft, reports::ReportDate date,
                  Instant now) -> Result<void> {
        TRY(notices.tell(tx, draft.account, draft.login_id, "report_draft",
                         {{"date", reports::month_and_day(date)}, {"total", std::to_string(draft.total)}}, now));
        return {};
    };
}

reports::MissingReportService::Tell Application::Parts::missing_report() {
    return [this](db::Transaction& tx, const reports::MissingReport& missing, Instant now) -> Result<int> {
        render::TextValues values = {{"organization", missing.organization_name}};
        if (missing.last_date) {
            values["date"] = reports::month_and_day(*missing.last_date);
        }
        return notices.tell(tx, missing.account, missing.login_id,
                            missing.last_date ? "report_missing" : "report_never", std::move(values), now);
    };
}

std::function<Result<void>(db::Transaction&, const directory::Principal&, const std::string&, Instant)>
Application::Parts::token_made() {
    return [this](db::Transaction& tx, const directory::Principal& principal, const std::string& name,
                  Instant now) -> Result<void> {
        TRY(notices.tell(tx, principal.account, principal.login_id, "token_made", {{"name", name}}, now));
        return {};
    };
}

messages::OutboxObserver Application::Parts::outbox_observer() {
    return {.event =
                [this](std::string_view event, MessageId id, std::string_view detail) {
                    log.warning(event, {{"message", id.value}, {"detail", detail}});
                },
            .figures =
                [this](const messages::OutboxFigures& figures) {
                    metrics.outbox_waiting(figures.waiting);
                    metrics.outbox_oldest_age(std::chrono::seconds(figures.oldest_waiting_seconds));
                },
            .day = [this](const std::vector<messages::DayFigure>& day) { budget.look_at(day); },
            .ended =
                [this](messages::MessageState state) {
                    const bool lost = state == messages::MessageState::failed ||
                                      state == messages::MessageState::expired ||
                                      state == messages::MessageState::unknown;
                    lost ? metrics.outbox_failed() : metrics.outbox_sent();
                }};
}

void Application::Parts::add_receipt_routes() {
    messages::add_receipt_routes(routes, messages,
                                 {.twilio_origin = configuration.gateway.callback_origin,
                                  .twilio_token = loaded.gateway_secrets.twilio_token,
                                  .kannel_key = loaded.gateway_secrets.receipt_key,
                                  .kannel = uses(configuration.gateway, "kannel"),
                                  .counted = [this](std::string_view gateway, std::string_view outcome) {
                                      metrics.gateway_receipt(gateway, outcome);
                                  }});
}

void Application::Parts::add_routes() {
    const directory::Guard person = [this](const http::Request& request) { return sessions.check(request); };
    const directory::Guard guard = person_or_script();
    loaded.assets.mount(routes);
    // A report keeps its key itself, with its receipt, for as long as the report (S25).
    reports::add_report_api(routes, daily_reports, guard, loaded.texts);
    routes.wrap_api_posts([this](http::Handler handler) { return idempotency.once(std::move(handler)); });
    sign_in_pages.add_to(routes, [this](const http::Request& request, const directory::Principal& principal,
                                        render::View& page) { report_pages.note_drafts(request, principal, page); });
    report_pages.add_to(routes);
    completeness_pages.add_pages();
    curve_pages.add_pages();
    report_import_pages.add_pages();
    security_pages.add_to(routes);
    forgotten_pages.add_to(routes);
    issue_pages.add_pages();
    letter_pages.add_pages();
    handover_pages.add_pages();
    batch_pages.add_pages();
    signin::add_slowed_pages(routes, {slowed, accounts, guard, console});
    console::add_home_pages(routes, {sign_in, sessions, requests, organizations, daily_reports, writer});
    console::add_help_pages(routes, {requests, sessions, throttles, writer});
    if (configuration.mode == RunMode::development) {
        console::add_inbox_pages(routes, messages, writer);
    }
    api::add_openapi_pages(routes, loaded.openapi, writer);
    signin::add_sign_in_api(routes, sign_in, sessions, guard);
    signin::add_security_api(routes, {security, recovery_codes, sign_in, person});
    signin::add_forgotten_api(routes, forgotten);
    tokens::add_token_api(routes, tokens, person);
    directory::add_organization_api(routes, organizations, guard);
    directory::add_organization_import_api(routes, {imports, loaded.texts, guard, [this] { import_worker.wake(); }});
    accounts::add_account_api(routes, accounts, guard);
    accounts::add_role_api(routes, roles, guard);
    accounts::add_request_api(routes, requests, guard);
    accounts::add_application_api(routes, applications, guard);
    accounts::add_dormancy_api(routes, dormancy, guard);
    accounts::add_handover_api(routes, handover, guard);
    console::add_helpdesk_api(routes, {helpdesk, throttles, guard});
    accounts::add_batch_api(routes, {batches, letters, loaded.texts, guard, [this] { batch_worker.wake(); }});
    console::add_audit_api(routes, audit_reading, guard);
    reports::add_completeness_api(routes, {completeness, report_schedules, missing_reports, guard});
    reports::add_report_change_api(routes, {daily_reports, report_imports, guard});
    reports::add_proxy_report_api(routes, {proxy_reports, loaded.texts, guard});
    reports::add_report_import_api(routes,
                                   {report_imports, loaded.texts, guard, [this] { report_import_worker.wake(); }});
    reports::add_curve_api(routes, curve, guard);
    events::add_event_api(routes, events, guard, configuration.origin);
    events::add_webhook_api(routes, webhooks, guard);
    scim::add_scim_api(routes, {.users = scim_users,
                                .groups = scim_groups,
                                .guard = guard,
                                .errors = error_renderer(writer, loaded.texts),
                                .base = scim_base});
    console::add_apply_pages(routes, {applications, throttles, writer});
    console::add_handover_opening_pages(routes, {handover, throttles, writer});
    add_console_routes();
    add_receipt_routes();
    add_operator_routes();
}

void Application::Parts::add_console_routes() {
    account_pages.add_pages();
    organization_pages.add_pages();
    organization_file_pages.add_pages();
    console::add_search_pages(console, {account_lists, organization_lists, console});
    accounts::add_request_pages(console, requests, accounts);
    accounts::add_application_pages(console, applications);
    accounts::add_role_pages(console, roles);
    accounts::add_dormancy_pages(console, dormancy, accounts);
    tokens::add_token_pages(console, tokens, signin::ask_to_confirm);
    events::add_webhook_pages(console, webhooks, signin::ask_to_confirm);
    console::add_audit_pages(console, audit_reading);
    console::add_helpdesk_pages({console, helpdesk, slowed, throttles});
    reports::add_proxy_pages({console, proxy_reports, organization_lists});
    reports::add_review_pages({console, proxy_reports, organization_lists});
    console::add_report_tasks(today, {daily_reports, proxy_reports, completeness}, console);
    console::add_desk_tasks(today, {requests, applications, dormancy, roles});
    console::add_issuing_tasks(today, letters, batches, console);
    console::add_account_tasks(today, account_lists, console);
    today.add_pages();
}

void Application::Parts::add_operator_routes() {
    using http::Response;
    routes.plain(http::Method::get, "/healthz",
                 [](const http::Request&) -> Result<Response> { return Response::text(200, "ok\n"); });
    routes.plain(http::Method::get, "/readyz", [this](const http::Request&) -> Result<Response> {
        if (const auto is_ready = ready(); !is_ready) {
            log.warning("not_ready", {{"reason", is_ready.error().message_id}, {"detail", is_ready.error().detail}});
            return Response::text(503, "not ready: " + is_ready.error().message_id + "\n")
                .with_header("Retry-After", "5");
        }
        return Response::text(200, "ready\n");
    });
    routes.plain(http::Method::get, "/metrics", [this](const http::Request& request) -> Result<Response> {
        if (request.vouched == http::Vouched::yes) {
            return failure(ErrorKind::not_found, "not_found");
        }
        auto response = Response::text(200, metrics.text());
        response.content_type = "text/plain; version=0.0.4; charset=utf-8";
        return response;
    });
}

Result<void> Application::Parts::ready() {
    TRY(database.ping());
    const auto status = TRY(loaded.migrations.status(database));
    if (!status.is_current()) {
        return failure(ErrorKind::unavailable, "migrations_missing", "run madoguchi-server migrate");
    }
    return {};
}

Result<void> Application::Parts::listen(const std::string& name, const std::string& address, int threads) {
    auto listener = std::make_unique<Listener>(http::DispatcherSettings{.name = name,
                                                                        .origin = configuration.origin,
                                                                        .edge_secret = loaded.edge_secret,
                                                                        .csrf_key = loaded.keys.csrf},
                                               routes, error_renderer(writer, loaded.texts),
                                               http::Surroundings{*clock, entropy, log, metrics},
                                               http::EdgeSettings{.listen = address, .threads = threads});
    TRY(listener->edge.start());
    listeners.push_back(std::move(listener));
    log.info("listening", {{"listener", name}, {"address", address}, {"threads", threads}});
    return {};
}

Application::Application(std::unique_ptr<Parts> parts) : parts_(std::move(parts)) {}
Application::~Application() = default;

Result<std::unique_ptr<Application>> Application::make(const Configuration& configuration) {
    auto parts = std::make_unique<Parts>(configuration, TRY(load(configuration)));
    parts->add_routes();
    return std::unique_ptr<Application>(new Application(std::move(parts)));
}

Result<void> Application::start() {
    Parts& parts = *parts_;
    const auto& configuration = parts.configuration;
    // The interactive listener opens last: it's the one that is asked for /readyz, and ready means that all four
    // answer.
    TRY(parts.listen("hashing", configuration.listen_hashing, configuration.threads_hashing));
    TRY(parts.listen("steps", configuration.listen_steps, configuration.threads_steps));
    TRY(parts.listen("files", configuration.listen_files, configuration.threads_files));
    TRY(parts.listen("interactive", configuration.listen_interactive, configuration.threads_interactive));
    parts.outbox.start();
    parts.batch_worker.start();
    parts.import_worker.start();
    parts.report_import_worker.start();
    parts.event_worker.start();
    parts.housekeeping.start();
    parts.log.info("serving");
    return {};
}

bool Application::stop() {
    Parts& parts = *parts_;
    parts.log.info("stopping");
    std::vector<std::future<http::StopOutcome>> stopping;
    for (const auto& listener : parts.listeners) {
        stopping.push_back(
            std::async(std::launch::async, [&listener] { return listener->edge.stop(limits::kDrainTimeout); }));
    }
    bool drained = true;
    for (auto& stopped : stopping) {
        drained = stopped.get() == http::StopOutcome::drained && drained;
    }
    parts.batch_worker.stop();
    parts.import_worker.stop();
    parts.report_import_worker.stop();
    parts.event_worker.stop();
    parts.outbox.stop();
    parts.housekeeping.stop();
    parts.log.info("stopped", {{"drained", drained}});
    return drained;
}

Result<void> Application::ready() {
    return parts_->ready();
}
const Clock& Application::clock() const {
    return *parts_->clock;
}
accounts::AccountService& Application::accounts() {
    return parts_->accounts;
}
directory::OrganizationService& Application::organizations() {
    return parts_->organizations;
}
accounts::RoleService& Application::roles() {
    return parts_->roles;
}
accounts::RequestService& Application::requests() {
    return parts_->requests;
}
reports::DailyReportService& Application::daily_reports() {
    return parts_->daily_reports;
}
db::Database& Application::database() {
    return parts_->database;
}
audit::AuditService& Application::audit() {
    return parts_->audit;
}

}  // namespace madoguchi::app
