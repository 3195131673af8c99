#include "events/webhook_pages.hpp"

#include <algorithm>

#include "accounts/desk_pages.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::events {
namespace {

using directory::Console;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/webhooks";
constexpr int kShown = limits::kPageRows;

struct Parts {
    Console& console;
    WebhookService& webhooks;
    AskToConfirm ask_to_confirm;
};

std::string address_of(WebhookId id) {
    return std::string(kPath) + "/" + std::to_string(id.value);
}

// "account.issued" is "account_issued" in the catalogs.
std::string type_text(const Parts& parts, const Request& request, std::string_view type) {
    std::string id(type);
    std::ranges::replace(id, '.', '_');
    return parts.console.text(request, "event_type." + id);
}

void show_state(render::View& view, const Parts& parts, const Request& request, const Webhook& webhook) {
    const bool gone = webhook.paused_why == "receiver_gone";
    const std::string state = !webhook.maker_may                              ? "maker_gone"
                              : webhook.state == WebhookState::paused && gone ? "receiver_gone"
                                                                              : std::string(to_text(webhook.state));
    view.set("WEBHOOK_STATE", parts.console.text(request, "webhook_state." + state));
    view.show(state == "active" ? "STATE_GOOD" : "STATE_OVER");
}

void fill(render::View& view, const Parts& parts, const Request& request, const Webhook& webhook) {
    view.set("WEBHOOK_ID", std::to_string(webhook.id.value)).set("WEBHOOK_NAME", webhook.name);
    view.set("WEBHOOK_URL", webhook.url).set("WEBHOOK_HOST", host_of(webhook.url));
    view.set("WEBHOOK_ORGANIZATION", webhook.organization.name)
        .set("WEBHOOK_MAKER", accounts::short_login_id(webhook.maker_name))
        .set("WEBHOOK_MADE_AT", accounts::shown_date(webhook.created_at));
    show_state(view, parts, request, webhook);
    view.set("WAITING", std::to_string(webhook.waiting)).set("DEAD", std::to_string(webhook.dead));
    if (webhook.dead > 0) {
        view.show("HAS_DEAD");
    }
    for (const auto& type : webhook.types) {
        view.add("TYPE").set("TYPE_TEXT", type_text(parts, request, type));
    }
    if (webhook.types.empty()) {
        view.show("ALL_TYPES");
    }
    if (webhook.delivered_at) {
        view.add("DELIVERED").set("DELIVERED_AT", format_japanese_date_time(*webhook.delivered_at));
    } else {
        view.show("NEVER_DELIVERED");
    }
    if (webhook.previous_until && request.now < *webhook.previous_until) {
        view.add("OLD_SECRET").set("OLD_SECRET_UNTIL", format_japanese_date_time(*webhook.previous_until));
    }
}

render::View page_below(const Parts& parts, const Request& request, const Principal& principal) {
    render::View page = parts.console.view(request, principal, "webhooks");
    directory::add_crumb(page, parts.console.text(request, "webhooks.title"), kPath);
    return page;
}

Result<Response> list(const Parts& parts, const Request& request, const Principal& principal) {
    const auto place = directory::place_of(request);
    auto found = TRY(parts.webhooks.list(principal, place.after, kShown + 1, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(kShown)) {
        found.resize(static_cast<std::size_t>(kShown));
        next = found.back().id.value;
    }
    render::View page = parts.console.view(request, principal, "webhooks");
    for (const auto& webhook : found) {
        fill(page.add("WEBHOOK"), parts, request, webhook);
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    directory::show_pager(page, request, place, next);
    if (request.query.text("done") == "deleted") {
        directory::show_toast(page, parts.console.text(request, "webhooks.done_deleted"));
    }
    return parts.console.writer().page(request, "webhooks", page);
}

/// A secret is shown next: who asks proves who they are and comes back.
Result<Response> asked_who(const Parts& parts, const Error& error, const std::string& back) {
    return error.message_id == "confirmation_needed" ? Result<Response>(parts.ask_to_confirm(back)) : failure(error);
}

// --- making one ---

std::vector<std::string> chosen_types(const http::Fields& typed) {
    std::vector<std::string> out;
    for (const auto& [name, value] : typed.all()) {
        if (name == "type") {
            out.push_back(value);
        }
    }
    return out;
}

void add_places(render::View& page, const Principal& principal, const http::Fields& typed, Instant now) {
    std::vector<OrganizationId> shown;
    for (const auto& grant : principal.grants) {
        const bool again = std::ranges::find(shown, grant.organization.id) != shown.end();
        if (directory::gives(principal, grant, directory::Permission::assign_role, now) && !again) {
            directory::add_option(page, "organization_id", std::to_string(grant.organization.id.value),
                                  grant.organization.name, typed.text("organization_id"));
            shown.push_back(grant.organization.id);
        }
    }
}

render::View new_view(const Parts& parts, const Request& request, const Principal& principal,
                      const http::Fields& typed) {
    render::View page = page_below(parts, request, principal);
    page.set("NAME", typed.text("name")).set("URL", typed.text("url"));
    add_places(page, principal, typed, request.now);
    const auto chosen = chosen_types(typed);
    for (const auto type : kEventTypes) {
        auto& choice = page.add("TYPE");
        choice.set("TYPE_NAME", type).set("TYPE_TEXT", type_text(parts, request, type));
        if (std::ranges::find(chosen, type) != chosen.end()) {
            choice.show("TYPE_CHOSEN");
        }
    }
    return page;
}

Result<Response> ask_new(const Parts& parts, const Request& request, const Principal& principal) {
    if (const auto ready = parts.webhooks.ready_for_secrets(principal, request.now); !ready) {
        return asked_who(parts, ready.error(), std::string(kPath) + "/new");
    }
    return parts.console.writer().page(request, "webhook_new", new_view(parts, request, principal, request.query));
}

Response show_secret(const Parts& parts, const Request& request, const Principal& principal, const MadeWebhook& made) {
    render::View page = page_below(parts, request, principal);
    fill(page, parts, request, made.webhook);
    page.set("SECRET", made.secret.reveal());
    return parts.console.writer().page(request, "webhook_made", page);
}

Result<Response> make(const Parts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const MakeWebhook command{.name = form.text("name"),
                              .url = form.text("url"),
                              .types = chosen_types(form),
                              .organization = {http::parse_identifier(form.text("organization_id")).value_or(0)}};
    const auto made = parts.webhooks.make(principal, command, request.now);
    if (made) {
        return show_secret(parts, request, principal, *made);
    }
    if (made.error().message_id == "confirmation_needed") {
        return parts.ask_to_confirm(std::string(kPath) + "/new");  // it lapsed while the form was open
    }
    return accounts::is_refusal(made.error())
               ? accounts::refused_page(parts.console, request, "webhook_new",
                                        new_view(parts, request, principal, form), made.error())
               : Result<Response>(failure(made.error()));
}

// --- one ---

WebhookId wanted(const Request& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

void fill(render::View& view, const Parts& parts, const Request& request, const Delivery& delivery) {
    const auto& event = delivery.event;
    view.set("EVENT_ID", cursor_text(event.position))
        .set("EVENT_TYPE", type_text(parts, request, event.type))
        .set("EVENT_SUBJECT",
             event.subject_kind == "account" ? accounts::short_login_id(event.subject_name) : event.subject_name)
        .set("EVENT_AT", format_japanese_date_time(event.occurred_at))
        .set("ATTEMPTS", std::to_string(delivery.attempts));
    const std::string state(to_text(delivery.state));
    view.set("DELIVERY_STATE", parts.console.text(request, "delivery_state." + state));
    view.show(delivery.state == DeliveryState::dead        ? "DELIVERY_DEAD"
              : delivery.state == DeliveryState::delivered ? "DELIVERY_GOOD"
                                                           : "DELIVERY_OTHER");
    if (delivery.last_status != 0) {
        view.add("ANSWER").set("STATUS", std::to_string(delivery.last_status));
    } else if (!delivery.last_problem.empty()) {
        view.show("NO_ANSWER");
    }
    if (delivery.state == DeliveryState::waiting && delivery.attempts > 0) {
        view.add("NEXT").set("NEXT_AT", format_japanese_date_time(delivery.next_attempt_at));
    }
    if (delivery.state != DeliveryState::waiting) {
        view.show("CAN_SEND_AGAIN");
    }
}

Result<render::View> webhook_view(const Parts& parts, const Request& request, const Principal& principal) {
    const auto webhook = TRY(parts.webhooks.show(principal, wanted(request), request.now));
    render::View page = page_below(parts, request, principal);
    fill(page, parts, request, webhook);
    page.show(webhook.state == WebhookState::paused ? "PAUSED" : "RUNS");
    if (WebhookService::may_rotate(principal, webhook)) {
        page.show("CAN_ROTATE");
    }
    return page;
}

Result<render::View> whole_view(const Parts& parts, const Request& request, const Principal& principal) {
    auto page = TRY(webhook_view(parts, request, principal));
    const auto place = directory::place_of(request);
    const auto state = request.query.text("state");
    const DeliveryFilter filter{.state = delivery_state(state), .before = place.after, .limit = kShown + 1};
    auto found = TRY(parts.webhooks.deliveries(principal, wanted(request), filter, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(kShown)) {
        found.resize(static_cast<std::size_t>(kShown));
        next = found.back().event.position;
    }
    for (const auto& delivery : found) {
        fill(page.add("DELIVERY"), parts, request, delivery);
    }
    page.show(found.empty() ? "NO_DELIVERY" : "DELIVERIES");
    if (filter.state) {
        directory::add_chip(page, parts.console.text(request, "delivery_state." + state),
                            directory::first_page_with(request, {{"state", ""}}));
    }
    directory::show_pager(page, request, place, next);
    return page;
}

Result<Response> show(const Parts& parts, const Request& request, const Principal& principal) {
    auto page = TRY(whole_view(parts, request, principal));
    const auto done = request.query.text("done");
    for (const std::string_view known : {"paused", "resumed", "sent_again", "all_sent_again"}) {
        if (done == known) {
            directory::show_toast(page, parts.console.text(request, "webhooks.done_" + done));
        }
    }
    return parts.console.writer().page(request, "webhook", page);
}

/// After an act, the same page says what was done, or why it was refused.
template <class T>
Result<Response> after(const Parts& parts, const Request& request, const Principal& principal, const Result<T>& done,
                       const std::string& said) {
    if (done) {
        return Response::see_other(address_of(wanted(request)) + "?done=" + said);
    }
    if (done.error().message_id == "not_found" || !accounts::is_refusal(done.error())) {
        return failure(done.error());
    }
    auto page = TRY(whole_view(parts, request, principal));
    page.set("BACK", address_of(wanted(request)));
    return accounts::refused_page(parts.console, request, "webhook", page, done.error());
}

Result<Response> pause(const Parts& parts, const Request& request, const Principal& principal) {
    return after(parts, request, principal,
                 parts.webhooks.act(principal, wanted(request), WebhookAct::pause, request.now), "paused");
}

Result<Response> resume(const Parts& parts, const Request& request, const Principal& principal) {
    return after(parts, request, principal,
                 parts.webhooks.act(principal, wanted(request), WebhookAct::resume, request.now), "resumed");
}

Result<Response> send_again(const Parts& parts, const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto position = cursor_of(form.text("event")).value_or(0);
    return after(parts, request, principal,
                 parts.webhooks.send_again(principal, wanted(request), position, request.now), "sent_again");
}

Result<Response> send_dead_again(const Parts& parts, const Request& request, const Principal& principal) {
    return after(parts, request, principal, parts.webhooks.send_dead_again(principal, wanted(request), request.now),
                 "all_sent_again");
}

Result<Response> ask_delete(const Parts& parts, const Request& request, const Principal& principal) {
    return parts.console.writer().page(request, "webhook_delete", TRY(webhook_view(parts, request, principal)));
}

Result<Response> remove(const Parts& parts, const Request& request, const Principal& principal) {
    TRY(parts.webhooks.act(principal, wanted(request), WebhookAct::remove, request.now));
    return Response::see_other(std::string(kPath) + "?done=deleted");
}

Result<Response> ask_rotate(const Parts& parts, const Request& request, const Principal& principal) {
    if (const auto ready = parts.webhooks.ready_for_secrets(principal, request.now); !ready) {
        return asked_who(parts, ready.error(), address_of(wanted(request)) + "/secret");
    }
    return parts.console.writer().page(request, "webhook_secret", TRY(webhook_view(parts, request, principal)));
}

Result<Response> rotate(const Parts& parts, const Request& request, const Principal& principal) {
    const auto made = parts.webhooks.rotate(principal, wanted(request), request.now);
    if (made) {
        return show_secret(parts, request, principal, *made);
    }
    if (made.error().message_id == "confirmation_needed") {
        return parts.ask_to_confirm(address_of(wanted(request)) + "/secret");
    }
    return after(parts, request, principal, made, "");
}

}  // namespace

void add_webhook_pages(Console& console, WebhookService& webhooks, AskToConfirm ask_to_confirm) {
    const Parts parts{console, webhooks, std::move(ask_to_confirm)};
    using Handler = Result<Response> (*)(const Parts&, const Request&, const Principal&);
    const auto add = [&](Method method, const std::string& path, Handler handler) {
        console.page(method, kPath + path, [parts, handler](const Request& request, const Principal& principal) {
            return handler(parts, request, principal);
        });
    };
    add(Method::get, "", list);
    add(Method::get, "/new", ask_new);
    add(Method::post, "/new", make);
    add(Method::get, "/{id}", show);
    add(Method::post, "/{id}/pause", pause);
    add(Method::post, "/{id}/resume", resume);
    add(Method::post, "/{id}/send-again", send_again);
    add(Method::post, "/{id}/send-dead-again", send_dead_again);
    add(Method::get, "/{id}/delete", ask_delete);
    add(Method::post, "/{id}/delete", remove);
    add(Method::get, "/{id}/secret", ask_rotate);
    add(Method::post, "/{id}/secret", rotate);
}

}  // namespace madoguchi::events
