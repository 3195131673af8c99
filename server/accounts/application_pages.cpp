#include "accounts/desk_pages.hpp"
#include "base/limits.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::accounts {
namespace {

using directory::Console;
using directory::Principal;
using http::Method;
using http::Response;
using HttpRequest = http::Request;

constexpr const char* kPath = "/applications";

struct Parts {
    Console& console;
    ApplicationService& applications;
};

void show_state(render::View& view, const Console& console, const HttpRequest& request, ApplicationState state) {
    view.set("STATE_TEXT", console.text(request, "applications.state_" + std::string(to_text(state))));
    view.show(state == ApplicationState::open       ? "STATE_OPEN"
              : state == ApplicationState::asked    ? "STATE_ASKED"
              : state == ApplicationState::accepted ? "STATE_ACCEPTED"
                                                    : "STATE_DECLINED");
}

void fill(render::View& view, const Application& application) {
    const auto& applicant = application.applicant;
    view.set("APPLICATION_ID", std::to_string(application.id.value)).set("NUMBER", application.number);
    view.set("INSTITUTION", applicant.institution_name).set("INSTITUTION_KANA", applicant.institution_kana);
    view.set("INSTITUTION_CODE", applicant.institution_code).set("POSTAL_CODE", applicant.postal_code);
    view.set("ADDRESS", applicant.address).set("CENTER", application.health_center_name);
    view.set("PERSON", applicant.names.family_name + " " + applicant.names.given_name);
    view.set("PERSON_KANA", applicant.names.family_kana + " " + applicant.names.given_kana);
    view.set("APPLIED_AT", format_japanese_date_time(application.confirmed_at.value_or(application.created_at)));
    if (!applicant.note.empty()) {
        view.add("APPLICATION_NOTE").set("NOTE", applicant.note);
    }
    if (application.asked_at) {
        auto& asked = view.add("ASKED");
        asked.set("ASKED_AT", format_japanese_date_time(*application.asked_at)).set("QUESTION", application.question);
    }
    if (application.replied_at) {
        auto& replied = view.add("REPLIED");
        replied.set("REPLIED_AT", format_japanese_date_time(*application.replied_at)).set("REPLY", application.reply);
    }
    if (application.decided_at) {
        auto& decided = view.add("DECIDED");
        decided.set("DECIDED_AT", format_japanese_date_time(*application.decided_at));
        decided.set("DECIDED_BY", application.decided_by_name);
        if (!application.reason.empty()) {
            decided.add("DECIDED_REASON").set("DECIDED_WHY", application.reason);
        }
    }
}

render::View list_view(const Parts& parts, const HttpRequest& request, const Principal& principal,
                       const std::string& state) {
    render::View page = parts.console.view(request, principal, "applications");
    for (const char* name : {"open", "asked", "done"}) {
        auto& segment = page.add("SEGMENT");
        segment.set("SEGMENT_URL", directory::first_page_with(request, {{"state", name}}));
        segment.set("SEGMENT_NAME", parts.console.text(request, std::string("applications.which_") + name));
        if (state == name) {
            segment.show("SEGMENT_CURRENT");
        }
    }
    const auto done = request.query.text("done");
    if (done == "asked" || done == "declined") {
        directory::show_toast(page, parts.console.text(request, "applications.done_" + done));
    }
    return page;
}

Result<Response> list(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto typed = request.query.text("state");
    const std::string state = typed == "asked" || typed == "done" ? typed : "open";
    const auto place = directory::place_of(request);
    auto found = TRY(parts.applications.list(
        principal, {.state = state, .after_id = place.after, .limit = limits::kPageRows + 1}, request.now));
    std::int64_t next = 0;
    if (found.size() > static_cast<std::size_t>(limits::kPageRows)) {
        found.resize(static_cast<std::size_t>(limits::kPageRows));
        next = found.back().id.value;
    }
    render::View page = list_view(parts, request, principal, state);
    for (const auto& one : found) {
        auto& row = page.add("APPLICATION");
        fill(row, one);
        show_state(row, parts.console, request, one.state);
    }
    page.show(found.empty() ? "EMPTY" : "LIST");
    directory::show_pager(page, request, place, next);
    return parts.console.writer().page(request, "applications", page);
}

ApplicationId id_of(const HttpRequest& request) {
    return {http::parse_identifier(request.path_parameter("id")).value_or(0)};
}

Result<render::View> view_of(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto details = TRY(parts.applications.show(principal, id_of(request), request.now));
    render::View page = parts.console.view(request, principal, "applications");
    directory::add_crumb(page, parts.console.text(request, "applications.title"), kPath);
    fill(page, details.application);
    show_state(page, parts.console, request, details.application.state);
    page.set("PHONE", details.phone);
    const auto& known = details.known;
    if (known.organization) {
        auto& shown = page.add("KNOWN");
        shown.set("KNOWN_NAME", known.name).set("KNOWN_ADDRESS", known.address);
        if (known.name != details.application.applicant.institution_name) {
            shown.show("NAME_DIFFERS");
        }
        if (!known.address.empty() && known.address != details.application.applicant.address) {
            shown.show("ADDRESS_DIFFERS");
        }
        if (known.accounts > 0) {
            page.add("HAS_ACCOUNTS").set("ACCOUNTS_COUNT", std::to_string(known.accounts));
        }
    } else {
        page.show("UNKNOWN_CODE");
    }
    const auto state = details.application.state;
    if (state == ApplicationState::open || state == ApplicationState::asked) {
        page.show(details.may_decide ? "CAN_DECIDE" : "CANNOT_DECIDE");
    }
    return page;
}

Result<Response> show(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    return parts.console.writer().page(request, "application", TRY(view_of(parts, request, principal)));
}

Result<Response> refused(const Parts& parts, const HttpRequest& request, const Principal& principal,
                         const http::Fields& form, const Error& error) {
    if (!is_refusal(error)) {
        return failure(error);
    }
    auto page = TRY(view_of(parts, request, principal));
    page.set("TYPED_QUESTION", form.text("question")).set("REASON", form.text("reason"));
    page.set("BACK", std::string(kPath) + "/" + request.path_parameter("id"));
    return refused_page(parts.console, request, "application", page, error);
}

Result<Response> ask(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto asked = parts.applications.ask(principal, id_of(request), form.text("question"), request.now);
    return asked ? Response::see_other(std::string(kPath) + "?done=asked")
                 : refused(parts, request, principal, form, asked.error());
}

Result<Response> decline(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto declined = parts.applications.decline(principal, id_of(request), form.text("reason"), request.now);
    return declined ? Response::see_other(std::string(kPath) + "?done=declined")
                    : refused(parts, request, principal, form, declined.error());
}

Result<Response> accept(const Parts& parts, const HttpRequest& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto accepted = parts.applications.accept(principal, id_of(request), request.now);
    if (!accepted) {
        return refused(parts, request, principal, form, accepted.error());
    }
    // The ID and its letter: the initial password is made when that is printed, and nobody sees it here (S4).
    return Response::see_other("/issue/" + std::to_string(accepted->issued.account.id.value));
}

}  // namespace

void add_application_pages(Console& console, ApplicationService& applications) {
    const Parts parts{console, applications};
    using Handler = Result<Response> (*)(const Parts&, const HttpRequest&, const Principal&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        console.page(method, std::move(pattern),
                     [parts, handler](const HttpRequest& request, const Principal& principal) {
                         return handler(parts, request, principal);
                     });
    };
    const std::string one = std::string(kPath) + "/{id}";
    add(Method::get, kPath, list);
    add(Method::get, one, show);
    add(Method::post, one + "/accept", accept);
    add(Method::post, one + "/ask", ask);
    add(Method::post, one + "/decline", decline);
    console.count("applications", [&applications](const Principal& principal, Instant now) {
        return applications.count_open(principal, now);
    });
}

}  // namespace madoguchi::accounts
