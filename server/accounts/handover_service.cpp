#include "accounts/handover_service.hpp"

#include <algorithm>
#include <limits>

#include "base/file_limits.hpp"
#include "crypto/one_time_secrets.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Permission;

constexpr auto kPermission = Permission::issue_account;
constexpr std::string_view kTokenPurpose = "handover";

tl::unexpected<Error> hidden() {
    return failure(ErrorKind::not_found, "not_found");
}

// The outbox belongs to the system; who may send was asked before, and the log keeps the person's name.
Actor for_outbox(const Actor& actor) {
    Actor out = actor;
    out.jurisdiction = Jurisdiction::everything();
    return out;
}

audit::Entry entry_for(AccountId account, const std::string& login_id, const std::string& path, std::string action) {
    return {.action = std::move(action),
            .organization_path = path,
            .target_kind = "account",
            .target_id = account.value,
            .target_name = login_id};
}

std::vector<std::int64_t> ids_of(const std::vector<LetterDraft>& drafts) {
    std::vector<std::int64_t> out;
    std::ranges::transform(drafts, std::back_inserter(out),
                           [](const LetterDraft& draft) { return draft.account.value; });
    return out;
}

bool is_cap(const Error& error) {
    return error.kind == ErrorKind::too_many || error.kind == ErrorKind::unavailable;
}

}  // namespace

// --- looking ---

Result<std::optional<HandoverContact>> HandoverService::contact(const Principal& principal, AccountId account,
                                                                Instant now) {
    const auto draft = TRY(parts_.letters.show(principal, account, now));
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        if (actor.jurisdiction.contains(draft.organization.path)) {
            auto found = TRY(parts_.database.transact(
                actor, [&](db::Transaction& tx) { return store_.contacts(tx, {account.value}); }));
            return found.empty() ? std::nullopt : std::optional(std::move(found.begin()->second));
        }
    }
    return hidden();
}

Result<void> HandoverService::add_message_states(std::vector<HandoverLink>& links) const {
    std::vector<std::int64_t> ids;
    std::ranges::transform(links, std::back_inserter(ids),
                           [](const HandoverLink& link) { return link.message_id.value; });
    const auto states = TRY(
        parts_.database.transact(Actor::system(), [&](db::Transaction& tx) { return store_.message_states(tx, ids); }));
    for (auto& link : links) {
        if (const auto state = states.find(link.message_id); state != states.end()) {
            link.message = state->second;
        }
    }
    return {};
}

Result<std::vector<HandoverLink>> HandoverService::links(const Principal& principal, AccountId account, int limit,
                                                         Instant now) {
    std::vector<HandoverLink> out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        auto some =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.links(tx, account, limit); }));
        std::ranges::move(some, std::back_inserter(out));
    }
    std::ranges::sort(out, std::greater(), &HandoverLink::id);
    out.resize(std::min(out.size(), static_cast<std::size_t>(limit)));
    TRY(add_message_states(out));
    return out;
}

Result<LinkCounts> HandoverService::counts(const Principal& principal, BatchId batch, Instant now) {
    LinkCounts sum;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        const auto some =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.counts(tx, batch, now); }));
        sum = {sum.out + some.out, sum.opened + some.opened, sum.lapsed + some.lapsed};
    }
    return sum;
}

Result<int> HandoverService::count_reachable(const Principal& principal, BatchId batch, int first_row, int last_row,
                                             Instant now) {
    std::size_t count = 0;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        count += TRY(parts_.database.transact(actor, [&](db::Transaction& tx) {
                     return store_.reachable(tx, batch, first_row, last_row);
                 })).size();
    }
    return static_cast<int>(count);
}

// --- sending ---

Result<void> HandoverService::send_one(db::Transaction& tx, const Actor& actor, const LetterDraft& draft,
                                       const HandoverContact& contact, HandoverLinkId seen_link, OnlyWaiting waiting,
                                       Locale locale, Instant now) {
    if (!TRY(store_.prepare(tx, draft.account, draft.prints, seen_link, waiting, now))) {
        return failure(ErrorKind::conflict, "handover_stale");
    }
    const SecretText token = parts_.entropy.token();
    const Instant expires_at = now + limits::kHandoverLinkLife;
    const SecretText text(parts_.texts.text(
        "message.sms.handover_link", locale,
        {{"url", parts_.origin + "/handover?t=" + token.reveal()}, {"until", format_japanese_date_time(expires_at)}}));
    // Caps a number, an account, a minute and a day hold; an office that sends a whole batch is one source by right.
    const auto message = TRY(parts_.messages.queue(tx,
                                                   {.idempotency_key = "handover:" + parts_.entropy.token().reveal(),
                                                    .kind = gateway::MessageKind::sms,
                                                    .purpose = "handover_link",
                                                    .account = draft.account,
                                                    .phone_sealed = contact.phone_sealed,
                                                    .phone_masked = contact.phone_masked,
                                                    .phone_digest = contact.phone_digest,
                                                    .text = text,
                                                    .locale = locale,
                                                    .source = "handover:" + std::to_string(draft.account.value),
                                                    .expires_at = now + limits::kNoticeLife},
                                                   now));
    TRY(store_.insert(
        tx,
        {draft.account, draft.organization.path, crypto::digest_token(parts_.token_key, kTokenPurpose, token),
         contact.phone_masked, message, actor.name, expires_at},
        now));
    auto entry = entry_for(draft.account, draft.login_id, draft.organization.path, "handover.send");
    entry.after = {{"sent_to", contact.phone_masked}, {"expires_at", format_rfc3339_japan(expires_at)}};
    return parts_.audit.append(tx, actor, entry, now);
}

Result<std::string> HandoverService::send(const Principal& principal, AccountId account, int prints,
                                          HandoverLinkId seen_link, Locale locale, Instant now) {
    auto draft = TRY(parts_.letters.show(principal, account, now));
    draft.prints = prints;
    const auto contact = TRY(this->contact(principal, account, now));
    if (!contact) {
        return failure(ErrorKind::conflict, "handover_no_contact");
    }
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        if (!actor.jurisdiction.contains(draft.organization.path)) {
            continue;
        }
        const auto attempt = entry_for(account, draft.login_id, draft.organization.path, "handover.send");
        TRY(parts_.audit.audited(for_outbox(actor), attempt, now, [&](db::Transaction& tx) {
            return send_one(tx, for_outbox(actor), draft, *contact, seen_link, OnlyWaiting::no, locale, now);
        }));
        parts_.message_queued();
        return contact->phone_masked;
    }
    return hidden();
}

// A transaction each: what is sent is sent, and whoever signs in meanwhile waits for none of it.
Result<void> HandoverService::send_of_batch(const Actor& actor, const LetterDraft& draft,
                                            const HandoverContact& contact, Locale locale, BatchLinks& out,
                                            Instant now) {
    constexpr HandoverLinkId kAnyLink{std::numeric_limits<std::int64_t>::max()};  // that it still waits is enough
    const auto done = parts_.database.transact(for_outbox(actor), [&](db::Transaction& tx) {
        return send_one(tx, for_outbox(actor), draft, contact, kAnyLink, OnlyWaiting::yes, locale, now);
    });
    if (done) {
        out.sent += 1;
        return {};
    }
    // Printed or sent by somebody else since the list was read: theirs stands.
    if (done.error().message_id == "handover_stale") {
        return {};
    }
    if (!is_cap(done.error())) {
        return failure(done.error());
    }
    out.capped += 1;
    return {};
}

Result<BatchLinks> HandoverService::send_batch(const Principal& principal, BatchId batch, int first_row, int last_row,
                                               Locale locale, Instant now) {
    BatchLinks out;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        std::map<AccountId, HandoverContact> contacts;
        auto drafts = TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<std::vector<LetterDraft>> {
            auto waiting = TRY(letters_.of_batch(tx, batch, first_row, last_row));
            contacts = TRY(store_.contacts(tx, ids_of(waiting)));
            return waiting;
        }));
        std::erase_if(drafts, [&](const LetterDraft& draft) {
            return !directory::may(principal, kPermission, draft.organization, now);
        });
        const auto all = drafts.size();
        std::erase_if(drafts, [&](const LetterDraft& draft) { return !contacts.contains(draft.account); });
        out.without_contact += static_cast<int>(all - drafts.size());
        if (drafts.size() > static_cast<std::size_t>(limits::kLettersPerFile)) {
            return failure(ErrorKind::invalid, "malformed_request", "more links than one part of a batch has");
        }
        for (const auto& draft : drafts) {
            TRY(send_of_batch(actor, draft, contacts.at(draft.account), locale, out, now));
        }
    }
    if (out.sent > 0) {
        parts_.message_queued();
    }
    return out;
}

// --- the letters beside them ---

Result<PrintedLetters> HandoverService::print_ids(const Principal& principal, AccountId account, Locale locale,
                                                  Instant now) {
    const auto shown = TRY(parts_.letters.show(principal, account, now));
    return parts_.letters.print_ids(principal, {shown}, locale, now);
}

Result<PrintedLetters> HandoverService::print_batch_ids(const Principal& principal, BatchId batch, int first_row,
                                                        int last_row, Locale locale, Instant now) {
    std::vector<LetterDraft> drafts;
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        TRY(parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<void> {
            for (const auto account : TRY(store_.linked(tx, batch, first_row, last_row, now))) {
                auto draft = TRY(letters_.find(tx, account));
                if (draft && directory::may(principal, kPermission, draft->organization, now)) {
                    drafts.push_back(std::move(*draft));
                }
            }
            return {};
        }));
    }
    if (drafts.empty() || drafts.size() > static_cast<std::size_t>(limits::kLettersPerFile)) {
        return failure(ErrorKind::conflict, "handover_stale");
    }
    return parts_.letters.print_ids(principal, drafts, locale, now);
}

// --- opening ---

Result<HandedCode> HandoverService::open(const SecretText& token, const HandoverClient& client) {
    Actor actor = Actor::system();
    actor.name = "anonymous";
    actor.source = client.source;
    actor.request_id = client.request_id;
    actor.channel = "web";
    const auto digest = crypto::digest_token(parts_.token_key, kTokenPurpose, token);
    const Error gone{.kind = ErrorKind::not_found, .message_id = "handover_gone"};
    auto opened = parts_.database.transact(actor, [&](db::Transaction& tx) -> Result<HandedCode> {
        const auto link = TRY(store_.open(tx, digest, client.now));
        if (!link) {
            return failure(gone);
        }
        const SecretText password = crypto::make_initial_password(parts_.entropy);
        const Instant expires_at = client.now + limits::kInitialPasswordByLink;
        const auto stored =
            crypto::digest_initial_password(parts_.token_key, std::to_string(link->account.value), password);
        if (!TRY(store_.set_password(tx, link->account, stored, expires_at))) {
            return failure(gone);
        }
        TRY(parts_.audit.append(
            tx, actor, entry_for(link->account, link->login_id, link->organization_path, "handover.open"), client.now));
        return HandedCode{crypto::show_initial_password(password), expires_at};
    });
    if (!opened && opened.error().kind == ErrorKind::not_found) {
        const auto owner =
            TRY(parts_.database.transact(actor, [&](db::Transaction& tx) { return store_.owner(tx, digest); }));
        // A link that never was is nobody's, and a script could fill the log with them.
        if (owner) {
            parts_.audit.refused(actor,
                                 entry_for(owner->account, owner->login_id, owner->organization_path, "handover.open"),
                                 gone, client.now);
        }
    }
    return opened;
}

// --- contacts ---

Result<std::optional<RegisteredContact>> HandoverService::registered(const Principal& principal,
                                                                     OrganizationId organization, Instant now) {
    const auto place = directory::ref(TRY(parts_.organizations.show(principal, organization, now)));
    if (!directory::may(principal, kPermission, place, now)) {
        return hidden();
    }
    for (const Actor& actor : TRY(directory::acting(principal, kPermission, now))) {
        if (actor.jurisdiction.contains(place.path)) {
            return parts_.database.transact(actor,
                                            [&](db::Transaction& tx) { return store_.contact(tx, organization); });
        }
    }
    return hidden();
}

template <class F>
Result<void> HandoverService::change_contact(const Principal& principal, OrganizationId organization,
                                             const std::string& action, Instant now, F&& change) {
    audit::Entry attempt{.action = action,
                         .organization_path = principal.home.path,
                         .target_kind = "organization",
                         .target_id = organization.value};
    const auto shown = parts_.organizations.show(principal, organization, now);
    const auto actors = directory::acting(principal, kPermission, now);
    if (!shown || !actors || !directory::may(principal, kPermission, directory::ref(*shown), now)) {
        const Error error{.kind = ErrorKind::not_found, .message_id = "not_found"};
        parts_.audit.refused(directory::as_oneself(principal), attempt, error, now);
        return failure(error);
    }
    const auto place = directory::ref(*shown);
    attempt.organization_path = place.path;
    attempt.target_name = place.name;
    for (const Actor& actor : *actors) {
        if (actor.jurisdiction.contains(place.path)) {
            return parts_.audit.audited(actor, attempt, now, [&](db::Transaction& tx) -> Result<void> {
                const auto before = TRY(store_.contact(tx, organization));
                auto entry = attempt;
                entry.before = {{"phone", before ? before->phone_masked : ""}};
                const auto phone = TRY(change(tx, place));
                entry.after = {{"phone", phone}};
                return parts_.audit.append(tx, actor, entry, now);
            });
        }
    }
    return hidden();
}

Result<void> HandoverService::register_contact(const Principal& principal, OrganizationId organization,
                                               const std::string& typed, Instant now) {
    const auto phone = TRY(parts_.phones.parse(typed, "JP", gateway::PhonePurpose::sms));
    auto phone_sealed = TRY(parts_.envelope.seal(SecretText(phone.e164), messages::kPhoneContext));
    const HandoverContact contact{.source = ContactSource::organization,
                                  .phone_sealed = std::move(phone_sealed),
                                  .phone_masked = gateway::masked(phone.national),
                                  .phone_digest = crypto::digest_lookup(parts_.token_key, "phone", phone.e164)};
    return change_contact(principal, organization, "contact.register", now,
                          [&](db::Transaction& tx, const directory::OrganizationRef& place) -> Result<std::string> {
                              TRY(store_.set_contact(tx, place, contact, principal.login_id, now));
                              return contact.phone_masked;
                          });
}

Result<void> HandoverService::remove_contact(const Principal& principal, OrganizationId organization, Instant now) {
    return change_contact(principal, organization, "contact.remove", now,
                          [&](db::Transaction& tx, const directory::OrganizationRef& place) -> Result<std::string> {
                              if (!TRY(store_.remove_contact(tx, place.id))) {
                                  return failure(ErrorKind::conflict, "handover_no_contact");
                              }
                              return std::string();
                          });
}

}  // namespace madoguchi::accounts
