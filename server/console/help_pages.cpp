#include "console/help_pages.hpp"

#include "base/limits.hpp"

namespace madoguchi::console {
namespace {

using http::Request;
using http::Response;

render::View static_view(const HelpParts& parts, const Request& request) {
    render::View page;
    if (request.cookie(http::kSessionCookie)) {
        if (const auto principal = parts.sessions.check(request)) {
            page.set("ACCOUNT_NAME", principal->name).set("ORGANIZATION_NAME", principal->home.name).show("SIGNED_IN");
            return page;
        }
    }
    page.show("SIGNED_OUT");
    return page;
}

render::View access_form(const HelpParts& parts, const Request& request, const http::Fields& typed) {
    render::View page = static_view(parts, request);
    page.show("FORM").show(typed.text("kind") == "second_reset" ? "KIND_SECOND_STEP" : "KIND_PASSWORD");
    page.set("LOGIN_ID", typed.text("login_id")).set("ORGANIZATION", typed.text("organization_name"));
    page.set("CONTACT_PERSON", typed.text("contact_name"))
        .set("PHONE", typed.text("phone"))
        .set("NOTE", typed.text("note"));
    return page;
}

Result<Response> file_request(const HelpParts& parts, const Request& request) {
    const auto form = TRY(request.form());
    accounts::FileReset command{.kind = form.text("kind") == "second_reset" ? accounts::RequestKind::second_reset
                                                                            : accounts::RequestKind::password_reset,
                                .login_id = form.text("login_id"),
                                .organization_name = form.text("organization_name"),
                                .contact_name = form.text("contact_name"),
                                .phone = form.text("phone"),
                                .note = form.text("note"),
                                .source = request.source,
                                .request_id = request.request_id};
    auto filed =
        parts.throttles.count("reset-request", request.source, limits::kResetRequestsPerSourceHour, request.now)
            .and_then([&] { return parts.requests.file(command, request.now); });
    if (!filed) {
        const Error& error = filed.error();
        if (error.kind != ErrorKind::invalid && error.kind != ErrorKind::too_many) {
            return failure(error);
        }
        auto page = access_form(parts, request, form);
        parts.writer.explain(page, request, error);
        auto response = parts.writer.page(request, "access_help", page, error.kind == ErrorKind::invalid ? 400 : 429);
        if (error.retry_after) {
            response.with_header("Retry-After", std::to_string(error.retry_after->count()));
        }
        return response;
    }
    render::View page = static_view(parts, request);
    page.show("RECEIPT").set("RECEIVED_AT", format_japanese_date_time(request.now)).set("BACK", "/help/access");
    return parts.writer.page(request, "access_help", page);
}

Result<Response> switch_language(const HelpParts& parts, const Request& request) {
    const std::string to = request.query.text("to");
    if (to != "ja" && to != "en") {
        return failure(ErrorKind::not_found, "not_found");
    }
    if (request.cookie(http::kSessionCookie)) {
        if (const auto principal = parts.sessions.check(request)) {
            // The page changes its language even where this can't be noted: notices then keep the one before.
            static_cast<void>(parts.sessions.choose_language(*principal, to == "en" ? Locale::en : Locale::ja));
        }
    }
    return Response::see_other(request.query.find("back").value_or("/"))
        .with_cookie({std::string(http::kLanguageCookie), to, limits::kLanguageKept});
}

}  // namespace

void add_help_pages(http::RouteTable& routes, const HelpParts& parts) {
    for (const auto& [path, name] :
         std::initializer_list<std::pair<const char*, const char*>>{{"/help/guide", "guide"},
                                                                    {"/help/accessibility", "accessibility"},
                                                                    {"/help/privacy", "privacy"},
                                                                    {"/help/private-window", "private_window"},
                                                                    {"/sign-in/options", "sign_in_options"}}) {
        const std::string page = name;
        routes.page(http::Method::get, path, [parts, page](const Request& request) -> Result<Response> {
            return parts.writer.page(request, page, static_view(parts, request));
        });
    }
    routes.page(http::Method::get, "/help/access", [parts](const Request& request) -> Result<Response> {
        return parts.writer.page(request, "access_help", access_form(parts, request, request.query));
    });
    routes.page(http::Method::post, "/help/access",
                [parts](const Request& request) { return file_request(parts, request); });
    routes.page(http::Method::get, "/language",
                [parts](const Request& request) { return switch_language(parts, request); });
}

}  // namespace madoguchi::console
