#include "base/limits.hpp"
#include "directory/organization_pages.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::directory {
namespace {

int status_of(const Error* error) {
    return error == nullptr ? 200 : error->kind == ErrorKind::conflict ? 409 : 400;
}

bool stays_here(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::conflict;
}

}  // namespace

using http::Request;
using http::Response;

OrganizationPages::Page OrganizationPages::draw_close(const Request& request, const Principal& principal,
                                                      const Organization& organization, const std::string& reason,
                                                      const Error* error) {
    render::View page = console_.view(request, principal, "organizations");
    TRY(show_crumbs(page, request, principal, organization));
    add_crumb(page, organization.name, address_of(organization.id));
    show_facts(page, request, organization);
    const auto below = TRY(organizations_.open_below(browsing(principal), organization.id, request.now));
    page.set("ACCOUNTS_HERE", std::to_string(below.accounts)).set("REASON", reason);
    page.show(below.organizations > 0 ? "OPEN_BELOW" : "CAN_CLOSE");
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    return console_.writer().page(request, "organization_close", page, status_of(error));
}

OrganizationPages::Page OrganizationPages::ask_close(const Request& request, const Principal& principal) {
    const auto organization = TRY(wanted(request, principal));
    if (!may(principal, Permission::create_organization, ref(organization), request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    return draw_close(request, principal, organization, "", nullptr);
}

OrganizationPages::Page OrganizationPages::close(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto organization = TRY(wanted(request, principal));
    const auto closed = organizations_.close(principal, organization.id, form.text("reason"), request.now);
    if (closed) {
        return Response::see_other(address_of(organization.id) + "?done=close");
    }
    return stays_here(closed.error())
               ? draw_close(request, principal, organization, form.text("reason"), &closed.error())
               : failure(closed.error());
}

OrganizationPages::Page OrganizationPages::reopen(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto organization = TRY(wanted(request, principal));
    TRY(organizations_.reopen(principal, organization.id, form.text("reason"), request.now));
    return Response::see_other(address_of(organization.id) + "?done=reopen");
}

OrganizationPages::Page OrganizationPages::draw_move(const Request& request, const Principal& principal,
                                                     const Organization& organization, const http::Fields& typed,
                                                     const Error* error) {
    render::View page = console_.view(request, principal, "organizations");
    const auto above = TRY(show_crumbs(page, request, principal, organization));
    add_crumb(page, organization.name, address_of(organization.id));
    if (above.empty() || above.back().id != organization.parent ||
        !may_move(principal, above.back(), above.back(), request.now)) {
        return failure(ErrorKind::forbidden, "forbidden");
    }
    show_facts(page, request, organization);
    const auto& parent = above.back();
    page.set("PARENT_NAME", parent.name).set("REASON", typed.text("reason")).set("WORD", typed.text("q"));
    OrganizationQuestion question{
        .word = typed.text("q"), .kind = parent.kind, .state = "active", .limit = limits::kTreeRows};
    // Without a word: the neighbours, below the same organization.
    if (question.word.empty() && above.size() > 1) {
        question.parent = above[above.size() - 2].id;
    }
    const auto found = TRY(lists_.list(principal, question, request.now));
    for (const auto& listed : found.rows) {
        if (listed.organization.id == organization.parent) {
            continue;
        }
        auto& choice = page.add("TARGET");
        const auto id = std::to_string(listed.organization.id.value);
        choice.set("TARGET_ID", id)
            .set("TARGET_NAME", listed.organization.name)
            .set("TARGET_PARENT", listed.parent_name);
        if (id == typed.text("to")) {
            choice.show("TARGET_CHOSEN");
        }
    }
    page.show(page.shows("TARGET") ? "TARGETS" : "NO_TARGET");
    if (error != nullptr) {
        console_.writer().explain(page, request, *error);
    }
    page.set("BACK", address_of(organization.id) + "/move");
    return console_.writer().page(request, "organization_move", page, status_of(error));
}

OrganizationPages::Page OrganizationPages::ask_move(const Request& request, const Principal& principal) {
    const auto organization = TRY(wanted(request, principal));
    return draw_move(request, principal, organization, request.query, nullptr);
}

OrganizationPages::Page OrganizationPages::move(const Request& request, const Principal& principal) {
    const auto form = TRY(request.form());
    const auto organization = TRY(wanted(request, principal));
    const OrganizationId to{http::parse_identifier(form.text("to")).value_or(0)};
    if (!to) {
        const Error error{.kind = ErrorKind::invalid, .message_id = "invalid_fields", .fields = {{"to", "choose_one"}}};
        return draw_move(request, principal, organization, form, &error);
    }
    const auto moved = organizations_.move(principal, organization.id, to, form.text("reason"), request.now);
    if (moved) {
        return Response::see_other(address_of(organization.id) + "?done=move");
    }
    return stays_here(moved.error()) ? draw_move(request, principal, organization, form, &moved.error())
                                     : failure(moved.error());
}

}  // namespace madoguchi::directory
