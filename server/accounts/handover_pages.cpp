#include "accounts/handover_pages.hpp"

#include <charconv>

#include "accounts/batch_pages.hpp"
#include "accounts/desk_pages.hpp"
#include "base/file_limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {

using http::Method;
using http::Response;

namespace {

Locale language_of(const http::Fields& form) {
    return form.text("language") == "en" ? Locale::en : Locale::ja;
}

int number_in(const std::string& text) {
    int number = -1;
    std::from_chars(text.data(), text.data() + text.size(), number);
    return number;
}

std::int64_t id_in(const http::Request& request) {
    return http::parse_identifier(request.path_parameter("id")).value_or(0);
}

std::string_view tone_of(LinkState state) {
    switch (state) {
        case LinkState::sending:
        case LinkState::sent:
            return "is-info";
        case LinkState::opened:
            return "is-success";
        case LinkState::undelivered:
            return "is-danger";
        case LinkState::lapsed:
            return "is-warning";
        case LinkState::replaced:
            break;
    }
    return "is-neutral";
}

Response as_file(PrintedLetters printed, const std::string& name) {
    Response response{.status = 200, .content_type = "application/pdf", .body = std::move(printed.pdf)};
    response.with_header("Content-Disposition", "attachment; filename=\"" + name + ".pdf\"");
    return response;
}

std::string part_address(std::int64_t batch, int first, int last) {
    return "/letters/batches/" + std::to_string(batch) + "/links?first=" + std::to_string(first) +
           "&last=" + std::to_string(last);
}

}  // namespace

void show_links(render::View& page, const directory::Console& console, const http::Request& request,
                const std::vector<HandoverLink>& links) {
    for (const auto& link : links) {
        const auto state = state_of(link, request.now);
        auto& row = page.add("LINK");
        row.set("LINK_ACCOUNT", std::to_string(link.account.value)).set("LINK_PERSON", link.person);
        row.set("LINK_ORGANIZATION", link.organization).set("LINK_LOGIN_ID", short_login_id(link.login_id));
        if (page.shows("WITH_PERSON")) {
            row.show("WITH_PERSON");  // a section sees the values of where it was shown
        }
        row.set("LINK_TO", link.sent_to).set("LINK_AT", format_japanese_date_time(link.sent_at));
        row.set("LINK_BY", short_login_id(link.sent_by)).set("LINK_TONE", tone_of(state));
        row.set("LINK_STATE", console.text(request, "link_state." + std::string(to_text(state))));
        if (link.opened_at) {
            row.add("LINK_OPENED").set("LINK_OPENED_AT", format_japanese_date_time(*link.opened_at));
        } else if (state != LinkState::replaced) {
            row.add("LINK_UNTIL").set("LINK_EXPIRES_AT", format_japanese_date_time(link.expires_at));
        }
    }
    if (!links.empty()) {
        page.show("LINKS");
    }
}

void HandoverPages::add_pages() {
    const auto add = [&](Method method, std::string pattern,
                         Page (HandoverPages::*handler)(const http::Request&, const Principal&)) {
        console_.page(method, std::move(pattern),
                      [this, handler](const http::Request& request, const Principal& principal) {
                          return (this->*handler)(request, principal);
                      });
    };
    add(Method::get, "/letters/links", &HandoverPages::list);
    add(Method::get, "/letters/{id}/link", &HandoverPages::ask);
    add(Method::post, "/letters/{id}/link", &HandoverPages::send);
    add(Method::post, "/letters/{id}/without-password", &HandoverPages::print_ids);
    add(Method::get, "/letters/batches/{id}/links", &HandoverPages::ask_batch);
    add(Method::post, "/letters/batches/{id}/links", &HandoverPages::send_batch);
    add(Method::post, "/letters/batches/{id}/without-password", &HandoverPages::print_batch_ids);
    add(Method::get, "/organizations/{id}/contact", &HandoverPages::ask_contact);
    add(Method::post, "/organizations/{id}/contact", &HandoverPages::register_contact);
    add(Method::post, "/organizations/{id}/contact/remove", &HandoverPages::remove_contact);
}

HandoverPages::Page HandoverPages::list(const Request& request, const Principal& principal) {
    render::View page = console_.view(request, principal, "letters");
    directory::add_crumb(page, console_.text(request, "letters.title"), "/letters");
    const auto links = TRY(handover_.links(principal, {}, limits::kLinksShown, request.now));
    page.show("WITH_PERSON");
    show_links(page, console_, request, links);
    if (links.empty()) {
        page.show("EMPTY");
    }
    page.set("LINKS_SHOWN", std::to_string(limits::kLinksShown));
    return console_.writer().page(request, "links", page);
}

// --- one account ---

HandoverPages::Page HandoverPages::draw(const Request& request, const Principal& principal, const Error* error) {
    const AccountId account{id_in(request)};
    const auto draft = TRY(handover_.draft(principal, account, request.now));
    const auto contact = TRY(handover_.contact(principal, account, request.now));
    const auto links = TRY(handover_.links(principal, account, limits::kLinksOfAccount, request.now));
    render::View page = console_.view(request, principal, "letters");
    directory::add_crumb(page, console_.text(request, "letters.title"), "/letters");
    directory::add_crumb(page, draft.person, "/accounts/" + std::to_string(account.value));
    page.set("LETTER_ID", std::to_string(account.value)).set("LETTER_PERSON", draft.person);
    page.set("LETTER_ORGANIZATION", draft.organization.name).set("LETTER_LOGIN_ID", draft.login_id);
    page.set("PRINTS", std::to_string(draft.prints));
    page.set("SEEN_LINK", std::to_string(links.empty() ? 0 : links.front().id.value));
    page.set("CONTACT_URL", "/organizations/" + std::to_string(draft.organization.id.value) + "/contact");
    if (contact) {
        const bool applied = contact->source == ContactSource::application;
        page.add("CONTACT").set("CONTACT_PHONE", contact->phone_masked);
        page.show(applied ? "FROM_APPLICATION" : "FROM_ORGANIZATION");
    } else {
        page.show("NO_CONTACT");
    }
    if (draft.prints > 0) {
        page.show("PRINTED_BEFORE");
    }
    show_links(page, console_, request, links);
    const bool out = !links.empty() && (state_of(links.front(), request.now) == LinkState::sent ||
                                        state_of(links.front(), request.now) == LinkState::sending);
    if (out) {
        page.show("LINK_IS_OUT");
    }
    page.show(links.empty() ? "FIRST_LINK" : "FURTHER_LINK");
    if (request.query.text("done") == "sent" && !links.empty()) {
        directory::show_toast(page, console_.text(request, "handover.done_sent", {{"number", links.front().sent_to}}));
    }
    page.set("BACK", "/letters/" + std::to_string(account.value) + "/link");
    return error == nullptr ? Page(console_.writer().page(request, "link", page))
                            : Page(refused_page(console_, request, "link", page, *error));
}

HandoverPages::Page HandoverPages::ask(const Request& request, const Principal& principal) {
    return draw(request, principal, nullptr);
}

HandoverPages::Page HandoverPages::send(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const AccountId account{id_in(request)};
    const HandoverLinkId seen{http::parse_identifier(form.text("seen_link")).value_or(0)};
    const auto sent =
        handover_.send(principal, account, number_in(form.text("prints")), seen, language_of(form), request.now);
    if (sent) {
        return Response::see_other("/letters/" + std::to_string(account.value) + "/link?done=sent");
    }
    return is_refusal(sent.error()) ? draw(request, principal, &sent.error()) : Page(failure(sent.error()));
}

HandoverPages::Page HandoverPages::print_ids(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const AccountId account{id_in(request)};
    return as_file(TRY(handover_.print_ids(principal, account, language_of(form), request.now)),
                   "madoguchi-id-" + std::to_string(account.value));
}

// --- a part of a batch ---

HandoverPages::Page HandoverPages::ask_batch(const Request& request, const Principal& principal) {
    const BatchId batch{id_in(request)};
    const int first = number_in(request.query.text("first"));
    const int last = number_in(request.query.text("last"));
    const auto reachable = TRY(handover_.count_reachable(principal, batch, first, last, request.now));
    const auto counts = TRY(handover_.counts(principal, batch, request.now));
    render::View page = console_.view(request, principal, "batches");
    directory::add_crumb(page, console_.text(request, "batches.title"), "/batches");
    directory::add_crumb(page, console_.text(request, "handover.batch"), address_of(batch));
    page.set("BATCH_ID", std::to_string(batch.value)).set("REACHABLE", std::to_string(reachable));
    page.set("FIRST_ROW", std::to_string(first)).set("LAST_ROW", std::to_string(last));
    page.set("LINKS_OUT", std::to_string(counts.out)).set("LINKS_OPENED", std::to_string(counts.opened));
    page.set("LINKS_LAPSED", std::to_string(counts.lapsed));
    page.show(reachable > 0 ? "CAN_SEND" : "NOBODY");
    if (counts.out > 0) {
        page.show("ANY_OUT");
    }
    const auto sent = http::parse_identifier(request.query.text("sent"));
    if (sent || request.query.find("sent")) {
        const auto number = [&](const char* field) {
            return std::to_string(http::parse_identifier(request.query.text(field)).value_or(0));
        };
        page.add("SENT")
            .set("SENT_COUNT", number("sent"))
            .set("CAPPED_COUNT", number("capped"))
            .set("UNREACHED_COUNT", number("without"));
    }
    return console_.writer().page(request, "batch_links", page);
}

HandoverPages::Page HandoverPages::send_batch(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const BatchId batch{id_in(request)};
    const int first = number_in(form.text("first"));
    const int last = number_in(form.text("last"));
    const auto done = TRY(handover_.send_batch(principal, batch, first, last, language_of(form), request.now));
    return Response::see_other(part_address(batch.value, first, last) + "&sent=" + std::to_string(done.sent) +
                               "&capped=" + std::to_string(done.capped) +
                               "&without=" + std::to_string(done.without_contact));
}

HandoverPages::Page HandoverPages::print_batch_ids(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const BatchId batch{id_in(request)};
    auto printed = TRY(handover_.print_batch_ids(principal, batch, number_in(form.text("first")),
                                                 number_in(form.text("last")), language_of(form), request.now));
    return as_file(std::move(printed), "madoguchi-ids-" + std::to_string(batch.value));
}

// --- whom an organization is written to ---

HandoverPages::Page HandoverPages::draw_contact(const Request& request, const Principal& principal,
                                                const std::string& typed, const Error* error) {
    const OrganizationId id{id_in(request)};
    const auto known = TRY(handover_.registered(principal, id, request.now));
    const auto organization = TRY(organizations_.show(principal, id, request.now));
    render::View page = console_.view(request, principal, "organizations");
    const std::string address = "/organizations/" + std::to_string(id.value);
    directory::add_crumb(page, console_.text(request, "nav.organizations"), "/organizations");
    directory::add_crumb(page, organization.name, address);
    page.set("ORGANIZATION_ID", std::to_string(id.value)).set("ORGANIZATION_NAME_SHOWN", organization.name);
    page.set("PHONE", typed);
    if (known) {
        page.add("REGISTERED")
            .set("CONTACT_PHONE", known->phone_masked)
            .set("CONTACT_AT", format_japanese_date_time(known->registered_at))
            .set("CONTACT_BY", short_login_id(known->registered_by));
    } else {
        page.show("NOT_REGISTERED");
    }
    const auto done = request.query.text("done");
    if (done == "registered" || done == "removed") {
        directory::show_toast(page, console_.text(request, "contact.done_" + done));
    }
    page.set("BACK", address + "/contact");
    return error == nullptr ? Page(console_.writer().page(request, "contact", page))
                            : Page(refused_page(console_, request, "contact", page, *error));
}

HandoverPages::Page HandoverPages::ask_contact(const Request& request, const Principal& principal) {
    return draw_contact(request, principal, {}, nullptr);
}

HandoverPages::Page HandoverPages::register_contact(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const OrganizationId id{id_in(request)};
    const auto done = handover_.register_contact(principal, id, form.text("phone"), request.now);
    if (done) {
        return Response::see_other("/organizations/" + std::to_string(id.value) + "/contact?done=registered");
    }
    return is_refusal(done.error()) ? draw_contact(request, principal, form.text("phone"), &done.error())
                                    : Page(failure(done.error()));
}

HandoverPages::Page HandoverPages::remove_contact(const Request& request, const Principal& principal) {
    const OrganizationId id{id_in(request)};
    const auto done = handover_.remove_contact(principal, id, request.now);
    if (!done && done.error().kind != ErrorKind::conflict) {
        return failure(done.error());
    }
    return Response::see_other("/organizations/" + std::to_string(id.value) + "/contact?done=removed");
}

}  // namespace madoguchi::accounts
