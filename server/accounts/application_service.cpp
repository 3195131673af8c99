#include "accounts/application_service.hpp"

#include <algorithm>

#include "base/desk_limits.hpp"
#include "base/field_errors.hpp"
#include "base/japanese_text.hpp"
#include "base/limits.hpp"
#include "crypto/hmac.hpp"
#include "crypto/one_time_secrets.hpp"
#include "directory/organization_codes.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

// Whoever may register clinics decides on applications of clinics.
constexpr auto kPermission = Permission::create_organization;

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

std::string digits_end(const std::string& e164) {
    return e164.substr(e164.size() - std::min(e164.size(), limits::kPhoneEndDigits));
}

/// A clinic below that centre, as it would stand in the tree.
directory::OrganizationRef clinic_below(const Application& application) {
    return {{}, directory::OrganizationKind::facility, application.organization_path + "0.", {}};
}

std::string action_of(ApplicationEvent event) {
    return event == ApplicationEvent::ask       ? "application.ask"
           : event == ApplicationEvent::decline ? "application.decline"
                                                : "application.accept";
}

Result<std::string> checked_text(const std::string& typed, const char* field) {
    std::string folded = fold_width(typed);
    if (folded.empty()) {
        return invalid_field(field, "required");
    }
    if (code_points(folded) > limits::kReasonCodePoints) {
        return invalid_field(field, "too_long", {{"maximum", std::to_string(limits::kReasonCodePoints)}});
    }
    return folded;
}

}  // namespace

Actor ApplicationService::anybody(const ApplicantClient& client) const {
    Actor actor = Actor::system();
    actor.name = "anonymous";
    actor.source = client.source;
    actor.request_id = client.request_id;
    actor.channel = "web";
    return actor;
}

std::string ApplicationService::visit_digest(const SecretText& visit) const {
    return crypto::digest_token(parts_.token_key, "application", visit);
}

std::string ApplicationService::end_digest(const std::string& number, const std::string& phone_end) const {
    return crypto::digest_lookup(parts_.token_key, "application-phone-end", number + ":" + phone_end);
}

audit::Entry ApplicationService::entry_for(const Application& application, std::string action) const {
    return {.action = std::move(action),
            .organization_path = application.organization_path,
            .target_kind = "application",
            .target_id = application.id.value,
            .target_name = application.number};
}

// --- for anybody ---

Result<ApplyReadBack> ApplicationService::read_back(const ApplyForm& form, Instant) {
    FieldErrors errors;
    const auto applicant = errors.take(accounts::check(form));
    const auto purpose = form.by == "voice" ? gateway::PhonePurpose::voice : gateway::PhonePurpose::sms;
    const auto phone = errors.take(parts_.phones.parse(form.phone, "JP", purpose));
    TRY(std::move(errors).result());
    const auto* prefecture = directory::find_prefecture(applicant->prefecture_code);
    const std::string name(prefecture->name);
    auto centers = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
        return store_.centers(tx, applicant->prefecture_code, name, applicant->address.substr(name.size()),
                              limits::kApplicationCenters);
    }));
    return ApplyReadBack{*applicant, *phone, std::move(centers)};
}

Result<void> ApplicationService::send_code(db::Transaction& tx, const Application& application,
                                           const std::string& visit, const ApplicantClient& client) {
    const bool voice = application.applicant.by == ConfirmBy::voice;
    const SecretText code = parts_.entropy.digits(limits::kCodeDigits);
    const auto minutes = std::to_string(std::chrono::minutes(limits::kCodeLife).count());
    const std::string text = voice ? parts_.texts.text("message.voice.code", client.locale,
                                                       {{"code", render::spoken_digits(code.reveal(), client.locale)}})
                                   : parts_.texts.text("message.sms.application_code", client.locale,
                                                       {{"code", code.reveal()}, {"minutes", minutes}});
    const auto digest = crypto::digest_code(parts_.token_key, visit, code.reveal());
    if (!TRY(store_.set_code(tx, application.id, digest, client.now + limits::kCodeLife, limits::kApplicationMessages,
                             client.now))) {
        return failure(ErrorKind::too_many, "application_messages");
    }
    TRY(parts_.messages.queue(tx,
                              {.idempotency_key = "application:" + parts_.entropy.token().reveal(),
                               .kind = voice ? gateway::MessageKind::voice : gateway::MessageKind::sms,
                               .purpose = "application_code",
                               .account = {},
                               .phone_sealed = application.phone_sealed,
                               .phone_masked = application.phone_masked,
                               .phone_digest = application.phone_digest,
                               .text = SecretText(text),
                               .locale = client.locale,
                               .source = client.source,
                               .expires_at = client.now + limits::kCodeLife},
                              client.now));
    return {};
}

Result<SecretText> ApplicationService::start(const ApplyForm& form, OrganizationId center,
                                             const ApplicantClient& client) {
    const auto understood = TRY(read_back(form, client.now));
    const auto chosen = std::ranges::find(understood.centers, center, &CenterSuggestion::id);
    if (chosen == understood.centers.end()) {
        return invalid_field("health_center", "choice_required");
    }
    const SecretText visit = parts_.entropy.token();
    const auto number = fold_application_number(
        parts_.entropy.characters(crypto::kInitialPasswordAlphabet, limits::kApplicationNumberCharacters).reveal());
    const Actor actor = anybody(client);
    TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        const auto organization = TRY(parts_.organizations.get(tx, center));
        auto phone_sealed = TRY(parts_.envelope.seal(SecretText(understood.phone.e164), messages::kPhoneContext));
        Application application{.number = number,
                                .organization_path = organization.path,
                                .health_center = center,
                                .applicant = understood.applicant,
                                .phone_sealed = std::move(phone_sealed),
                                .phone_masked = gateway::masked(understood.phone.national),
                                .phone_digest = crypto::digest_lookup(parts_.token_key, "phone", understood.phone.e164),
                                .phone_mobile = understood.phone.kind == gateway::PhoneKind::mobile,
                                .locale = client.locale,
                                .source = client.source,
                                .created_at = client.now,
                                .expires_at = client.now + limits::kApplicationUnconfirmed};
        const std::string digest = visit_digest(visit);
        application.id = TRY(
            store_.insert(tx, {number, digest, end_digest(number, digits_end(understood.phone.e164)), application}));
        TRY(send_code(tx, application, digest, client));
        return parts_.audit.append(tx, actor, entry_for(application, "application.start"), client.now);
    }));
    parts_.message_queued();
    return visit;
}

Result<Application> ApplicationService::lost_unless(std::optional<Application> found, Instant now) const {
    const bool lapsed = found && found->state == ApplicationState::unconfirmed && now >= found->expires_at;
    if (!found || lapsed) {
        return failure(ErrorKind::unauthenticated, "application_lost");
    }
    return std::move(*found);
}

Result<Application> ApplicationService::by_visit(const SecretText& visit, Instant now) {
    auto found = TRY(parts_.database.transact(
        Actor::system(), [&](db::Transaction& tx) { return store_.by_visit(tx, visit_digest(visit)); }));
    return lost_unless(std::move(found), now);
}

Result<void> ApplicationService::send_again(const SecretText& visit, const ApplicantClient& client) {
    const auto digest = visit_digest(visit);
    const Actor actor = anybody(client);
    TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        const auto application = TRY(lost_unless(TRY(store_.by_visit(tx, digest)), client.now));
        if (application.sent_at && client.now - *application.sent_at < limits::kResendWait) {
            const auto left = limits::kResendWait - (client.now - *application.sent_at);
            return failure(Error{.kind = ErrorKind::too_many,
                                 .message_id = "resend_wait",
                                 .retry_after = std::chrono::ceil<std::chrono::seconds>(left)});
        }
        TRY(send_code(tx, application, digest, client));
        return parts_.audit.append(tx, actor, entry_for(application, "application.send_again"), client.now);
    }));
    parts_.message_queued();
    return {};
}

Result<Application> ApplicationService::confirm(const SecretText& visit, const std::string& typed,
                                                const ApplicantClient& client) {
    const auto code = fold_digits(typed);
    if (!code || code->size() != limits::kCodeDigits) {
        return invalid_field("code", typed.empty() ? "required" : "code_format");
    }
    const auto digest = visit_digest(visit);
    const Actor actor = anybody(client);
    // Counted first, in a transaction of its own: a guess counts whatever becomes of it.
    const auto counted = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<Application> {
        auto application = TRY(lost_unless(TRY(store_.by_visit(tx, digest)), client.now));
        if (!TRY(store_.count_failure(tx, application.id, limits::kApplicationCodeFailures))) {
            return failure(ErrorKind::unauthenticated, "application_lost");
        }
        return application;
    }));
    const auto attempt = entry_for(counted, "application.confirm");
    return parts_.audit.audited(actor, attempt, client.now, [&](db::Transaction& tx) -> Result<Application> {
        auto application = TRY(lost_unless(TRY(store_.by_visit(tx, digest)), client.now));
        const bool right = !application.code_digest.empty() &&
                           crypto::equal_in_constant_time(application.code_digest,
                                                          crypto::digest_code(parts_.token_key, digest, *code));
        if (!right) {
            return invalid_field("code", "wrong_code");
        }
        if (!application.code_expires_at || *application.code_expires_at <= client.now) {
            return invalid_field("code", "code_expired");
        }
        if (!TRY(store_.confirm(tx, application.id, client.now))) {
            return failure(ErrorKind::unauthenticated, "application_lost");
        }
        TRY(parts_.audit.append(tx, actor, attempt, client.now));
        application.state = ApplicationState::open;
        application.confirmed_at = client.now;
        return application;
    });
}

Result<Application> ApplicationService::look(const std::string& number, const std::string& phone_end, Instant) {
    const auto folded = fold_application_number(number);
    const auto end = fold_digits(phone_end);
    if (!folded.empty() && end && end->size() == limits::kPhoneEndDigits) {
        auto found = TRY(parts_.database.transact(Actor::system(), [&](db::Transaction& tx) {
            return store_.by_number(tx, folded, end_digest(folded, *end));
        }));
        if (found) {
            return std::move(*found);
        }
    }
    // One sentence for a wrong number, wrong digits, and both (S12).
    return invalid_field("number", "application_unknown");
}

Result<Application> ApplicationService::reply(const std::string& number, const std::string& phone_end,
                                              const std::string& typed, const ApplicantClient& client) {
    auto application = TRY(look(number, phone_end, client.now));
    const auto text = TRY(checked_text(typed, "reply"));
    const Actor actor = anybody(client);
    TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
        TRY(advance(application.state, ApplicationEvent::reply));
        if (!TRY(store_.reply(tx, application.id, text, client.now))) {
            return failure(ErrorKind::conflict, "already_decided");
        }
        return parts_.audit.append(tx, actor, entry_for(application, "application.reply"), client.now);
    }));
    return look(number, phone_end, client.now);
}

Result<void> ApplicationService::forget_old(Instant now) {
    return parts_.database.transact(Actor::system(), [&](db::Transaction& tx) -> Result<void> {
        TRY(store_.forget_unconfirmed(tx, now));
        return {};
    });
}

// --- for the health centre ---

Result<std::vector<Application>> ApplicationService::list(const Principal& principal, const ApplicationFilter& filter,
                                                          Instant now) {
    std::vector<Application> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto some = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.list(tx, filter); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    std::ranges::sort(out, {}, &Application::id);
    if (out.size() > static_cast<std::size_t>(filter.limit)) {
        out.resize(static_cast<std::size_t>(filter.limit));
    }
    return out;
}

Result<std::int64_t> ApplicationService::count_open(const Principal& principal, Instant now) {
    std::int64_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        count += TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.count_open(tx); }));
    }
    return count;
}

Result<ApplicationDetails> ApplicationService::show(const Principal& principal, ApplicationId id, Instant now) {
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto found = parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<ApplicationDetails> {
            auto application = TRY(store_.find(tx, id));
            if (!application) {
                return hidden();
            }
            auto known = TRY(store_.known(tx, application->applicant.institution_code));
            const auto phone = TRY(parts_.envelope.open(application->phone_sealed, messages::kPhoneContext));
            const auto parsed = parts_.phones.parse(phone.reveal(), "JP", gateway::PhonePurpose::voice);
            const bool may_decide = directory::may(principal, kPermission, clinic_below(*application), now);
            return ApplicationDetails{std::move(*application), parsed ? parsed->national : phone.reveal(),
                                      std::move(known), may_decide};
        });
        if (found || found.error().kind != ErrorKind::not_found) {
            return found;
        }
    }
    return hidden();
}

Result<void> ApplicationService::tell(db::Transaction& tx, const Application& application, const std::string& what,
                                      Instant now) {
    const std::string text =
        parts_.texts.text("message.sms." + what, application.locale,
                          {{"number", application.number}, {"center", application.health_center_name}});
    return parts_.messages.queue_notice(
        tx,
        {.idempotency_key = what + ":" + parts_.entropy.token().reveal(),
         .kind = application.phone_mobile ? gateway::MessageKind::sms : gateway::MessageKind::voice,
         .purpose = what,
         .account = {},
         .phone_sealed = application.phone_sealed,
         .phone_masked = application.phone_masked,
         .phone_digest = application.phone_digest,
         .text = SecretText(text),
         .locale = application.locale,
         .source = "",
         .expires_at = now + limits::kNoticeLife},
        now);
}

Result<Application> ApplicationService::decide_within(db::Transaction& tx, const Principal& principal,
                                                      const Actor& actor, ApplicationId id, ApplicationEvent event,
                                                      const std::string& text, Instant now) {
    TRY(store_.lock(tx, id));
    const auto application = TRY(store_.find(tx, id));
    if (!application) {
        return hidden();
    }
    if (!directory::may(principal, kPermission, clinic_below(*application), now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    const auto next = TRY(advance(application->state, event));
    const bool asks = event == ApplicationEvent::ask;
    const bool done = asks ? TRY(store_.ask(tx, id, text, now))
                           : TRY(store_.decide(tx, id, next, principal.account, principal.login_id, text, {}, now));
    if (!done) {
        return failure(ErrorKind::conflict, "already_decided");
    }
    audit::Entry entry = entry_for(*application, action_of(event));
    entry.reason = text;
    entry.before = {{"state", to_text(application->state)}};
    entry.after = {{"state", to_text(next)}};
    TRY(parts_.audit.append(tx, actor, entry, now));
    TRY(tell(tx, *application, asks ? "application_asked" : "application_declined", now));
    auto changed = TRY(store_.find(tx, id));
    return changed ? Result<Application>(std::move(*changed)) : hidden();
}

Result<Application> ApplicationService::decide(const Principal& principal, ApplicationId id, ApplicationEvent event,
                                               const std::string& typed, Instant now) {
    const audit::Entry attempt{.action = action_of(event),
                               .organization_path = principal.home.path,
                               .target_kind = "application",
                               .target_id = id.value,
                               .target_name = {}};
    const auto actors = directory::acting(principal, kPermission, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto text = TRY(checked_text(typed, event == ApplicationEvent::ask ? "question" : "reason"));
    Result<Application> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) {
            return decide_within(tx, principal, actor, id, event, text, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    if (result) {
        parts_.message_queued();
    }
    return result;
}

Result<Application> ApplicationService::ask(const Principal& principal, ApplicationId id, const std::string& question,
                                            Instant now) {
    return decide(principal, id, ApplicationEvent::ask, question, now);
}

Result<Application> ApplicationService::decline(const Principal& principal, ApplicationId id, const std::string& reason,
                                                Instant now) {
    return decide(principal, id, ApplicationEvent::decline, reason, now);
}

Result<OrganizationId> ApplicationService::ensure_facility(const Principal& principal,
                                                           const ApplicationDetails& details, Instant now) {
    if (details.known.organization) {
        return details.known.organization;
    }
    const auto& applicant = details.application.applicant;
    const auto created = TRY(parts_.organizations.create(principal,
                                                         {.kind = directory::OrganizationKind::facility,
                                                          .parent = details.application.health_center,
                                                          .name = applicant.institution_name,
                                                          .kana = applicant.institution_kana,
                                                          .institution_code = applicant.institution_code,
                                                          .local_government_code = {},
                                                          .phone = details.phone,
                                                          .postal_code = applicant.postal_code,
                                                          .address = applicant.address},
                                                         Mode::real, now));
    return created.organization.id;
}

Result<AcceptedApplication> ApplicationService::accept_within(db::Transaction& tx, const Principal& principal,
                                                              const Actor& actor, ApplicationId id,
                                                              OrganizationId organization, Instant now) {
    TRY(store_.lock(tx, id));
    auto application = TRY(store_.find(tx, id));
    if (!application) {
        return hidden();
    }
    const auto next = TRY(advance(application->state, ApplicationEvent::accept));
    auto issued = TRY(parts_.accounts.issue_inside(
        tx, principal, actor, {organization, "", application->applicant.names, std::nullopt}, now));
    if (!TRY(store_.decide(tx, id, next, principal.account, principal.login_id, "", issued.account.id, now))) {
        return failure(ErrorKind::conflict, "already_decided");
    }
    audit::Entry entry = entry_for(*application, "application.accept");
    entry.before = {{"state", to_text(application->state)}};
    entry.after = {{"state", to_text(next)}, {"login_id", issued.account.login_id}};
    TRY(parts_.audit.append(tx, actor, entry, now));
    TRY(tell(tx, *application, "application_accepted", now));
    auto changed = TRY(store_.find(tx, id));
    return AcceptedApplication{changed ? std::move(*changed) : std::move(*application), std::move(issued)};
}

Result<AcceptedApplication> ApplicationService::accept(const Principal& principal, ApplicationId id, Instant now) {
    const audit::Entry attempt{.action = "application.accept",
                               .organization_path = principal.home.path,
                               .target_kind = "application",
                               .target_id = id.value,
                               .target_name = {}};
    const auto actors = directory::acting(principal, Permission::issue_account, now);
    if (!actors) {
        parts_.audit.refused(directory::as_oneself(principal), attempt, actors.error(), now);
        return failure(actors.error());
    }
    const auto details = TRY(show(principal, id, now));
    TRY(advance(details.application.state, ApplicationEvent::accept));
    if (!details.may_decide) {
        const Error error{.kind = ErrorKind::forbidden, .message_id = "forbidden"};
        parts_.audit.refused(actors->front(), attempt, error, now);
        return failure(error);
    }
    // A clinic that was registered and then got no account stays registered: pressing again goes on from there.
    const auto organization = TRY(ensure_facility(principal, details, now));
    Result<AcceptedApplication> result = hidden();
    for (const Actor& actor : *actors) {
        result = parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) {
            return accept_within(tx, principal, actor, id, organization, now);
        });
        if (result || result.error().kind != ErrorKind::not_found) {
            break;
        }
    }
    if (result) {
        parts_.message_queued();
    }
    return result;
}

}  // namespace madoguchi::accounts
