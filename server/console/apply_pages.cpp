#include "console/apply_pages.hpp"

#include <array>

#include "base/desk_limits.hpp"
#include "base/limits.hpp"
#include "directory/organization_codes.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::console {
namespace {

using accounts::Application;
using accounts::ApplicationState;
using http::Method;
using http::Request;
using http::Response;

constexpr const char* kPath = "/apply";
constexpr std::string_view kCookie = "__Host-application";

/// Field of the form -> variable of the page. What was typed is drawn again, and carried along by the read-back.
constexpr std::array<std::pair<const char*, const char*>, 11> kFields = {{{"institution_code", "INSTITUTION_CODE"},
                                                                          {"institution_name", "INSTITUTION_NAME"},
                                                                          {"institution_kana", "INSTITUTION_KANA"},
                                                                          {"postal_code", "POSTAL_CODE"},
                                                                          {"address", "ADDRESS"},
                                                                          {"family_name", "FAMILY_NAME"},
                                                                          {"given_name", "GIVEN_NAME"},
                                                                          {"family_kana", "FAMILY_KANA"},
                                                                          {"given_kana", "GIVEN_KANA"},
                                                                          {"phone", "PHONE"},
                                                                          {"note", "NOTE"}}};

accounts::ApplyForm form_of(const http::Fields& typed) {
    return {.institution_code = typed.text("institution_code"),
            .institution_name = typed.text("institution_name"),
            .institution_kana = typed.text("institution_kana"),
            .postal_code = typed.text("postal_code"),
            .prefecture = typed.text("prefecture"),
            .address = typed.text("address"),
            .names = {typed.text("family_name"), typed.text("given_name"), typed.text("family_kana"),
                      typed.text("given_kana")},
            .phone = typed.text("phone"),
            .by = typed.text("by"),
            .note = typed.text("note")};
}

accounts::ApplicantClient client_of(const Request& request) {
    return {request.source, request.request_id, request.locale, request.now};
}

void fill(render::View& page, const Request& request, const http::Fields& typed) {
    for (const auto& [field, variable] : kFields) {
        page.set(variable, typed.text(field));
    }
    page.show(typed.text("by") == "voice" ? "BY_VOICE" : "BY_SMS");
    page.set("BY", typed.text("by") == "voice" ? "voice" : "sms").set("PREFECTURE", typed.text("prefecture"));
    const auto chosen = http::parse_identifier(typed.text("prefecture")).value_or(0);
    for (const auto& prefecture : directory::prefectures()) {
        auto& option = page.add("PREFECTURE_OPTION");
        option.set("OPTION_VALUE", std::to_string(prefecture.code));
        option.set("OPTION_TEXT", request.locale == Locale::ja ? prefecture.name : prefecture.name_en);
        if (prefecture.code == chosen) {
            option.show("OPTION_SELECTED");
        }
    }
}

Response drawn(const ApplyParts& parts, const Request& request, std::string_view name, render::View page,
               const Error* error) {
    page.set("BACK", kPath);
    if (error == nullptr) {
        return parts.writer.page(request, name, std::move(page));
    }
    parts.writer.explain(page, request, *error);
    const int status = error->kind == ErrorKind::invalid       ? 400
                       : error->kind == ErrorKind::too_many    ? 429
                       : error->kind == ErrorKind::unavailable ? 503
                                                               : 409;
    auto response = parts.writer.page(request, name, std::move(page), status);
    if (error->retry_after) {
        response.with_header("Retry-After", std::to_string(error->retry_after->count()));
    }
    return response;
}

bool stays_on_page(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::too_many ||
           error.kind == ErrorKind::unavailable || error.kind == ErrorKind::conflict;
}

Result<Response> draw_form(const ApplyParts& parts, const Request& request, const http::Fields& typed,
                           const Error* error) {
    render::View page;
    fill(page, request, typed);
    return drawn(parts, request, "apply", std::move(page), error);
}

Result<Response> form(const ApplyParts& parts, const Request& request) {
    return draw_form(parts, request, request.query, nullptr);
}

Result<Response> draw_read_back(const ApplyParts& parts, const Request& request, const http::Fields& typed,
                                const accounts::ApplyReadBack& understood, const Error* error) {
    render::View page;
    fill(page, request, typed);
    const auto& applicant = understood.applicant;
    page.set("SHOWN_CODE", applicant.institution_code).set("SHOWN_NAME", applicant.institution_name);
    page.set("SHOWN_KANA", applicant.institution_kana).set("SHOWN_POSTAL", applicant.postal_code);
    page.set("SHOWN_ADDRESS", applicant.address).set("SHOWN_PHONE", understood.phone.national);
    page.set("SHOWN_PERSON", applicant.names.family_name + " " + applicant.names.given_name);
    const auto chosen = http::parse_identifier(typed.text("health_center"));
    const bool found = !understood.centers.empty() && understood.centers.front().in_common > 0;
    if (understood.centers.empty()) {
        page.show("NO_CENTER");
        return drawn(parts, request, "apply_center", std::move(page), error);
    }
    page.show("CENTERS");
    if (found) {
        page.add("LIKELY").set("LIKELY_NAME", understood.centers.front().name);
    } else {
        page.show("UNLIKELY");
    }
    for (const auto& center : understood.centers) {
        auto& option = page.add("CENTER");
        option.set("CENTER_ID", std::to_string(center.id.value)).set("CENTER_NAME", center.name);
        const bool likeliest = found && center.id == understood.centers.front().id;
        if (chosen ? center.id.value == *chosen : likeliest) {
            option.show("CENTER_SELECTED");
        }
    }
    return drawn(parts, request, "apply_center", std::move(page), error);
}

Result<Response> read_back(const ApplyParts& parts, const Request& request) {
    const auto typed = TRY(request.form());
    if (typed.text("edit") == "1") {
        return draw_form(parts, request, typed, nullptr);
    }
    const auto understood = parts.applications.read_back(form_of(typed), request.now);
    if (!understood) {
        return stays_on_page(understood.error()) ? draw_form(parts, request, typed, &understood.error())
                                                 : failure(understood.error());
    }
    return draw_read_back(parts, request, typed, *understood, nullptr);
}

Result<Response> start(const ApplyParts& parts, const Request& request) {
    const auto typed = TRY(request.form());
    const auto understood = parts.applications.read_back(form_of(typed), request.now);
    if (!understood) {
        return stays_on_page(understood.error()) ? draw_form(parts, request, typed, &understood.error())
                                                 : failure(understood.error());
    }
    const OrganizationId center{http::parse_identifier(typed.text("health_center")).value_or(0)};
    auto visit = parts.throttles.count("application", request.source, limits::kApplicationsPerSourceHour, request.now)
                     .and_then([&] { return parts.applications.start(form_of(typed), center, client_of(request)); });
    if (!visit) {
        return stays_on_page(visit.error()) ? draw_read_back(parts, request, typed, *understood, &visit.error())
                                            : failure(visit.error());
    }
    return Response::see_other("/apply/code").with_cookie({std::string(kCookie), visit->reveal(), {}});
}

SecretText visit_of(const Request& request) {
    return SecretText(request.cookie(kCookie).value_or(""));
}

Result<Response> lost(const ApplyParts& parts, const Request& request) {
    const Error error{.kind = ErrorKind::invalid, .message_id = "application_lost"};
    return draw_form(parts, request, http::Fields{}, &error);
}

Result<Response> draw_code(const ApplyParts& parts, const Request& request, const Error* error) {
    const auto application = parts.applications.by_visit(visit_of(request), request.now);
    if (!application) {
        return application.error().kind == ErrorKind::unauthenticated ? lost(parts, request)
                                                                      : failure(application.error());
    }
    if (application->state != ApplicationState::unconfirmed) {
        return Response::see_other("/apply/done");
    }
    render::View page;
    page.set("SENT_TO", application->phone_masked);
    page.show(application->applicant.by == accounts::ConfirmBy::voice ? "BY_VOICE" : "BY_SMS");
    if (application->code_expires_at) {
        page.set("EXPIRES_AT", format_japanese_time(*application->code_expires_at));
    }
    if (application->messages_sent < limits::kApplicationMessages) {
        page.show("CAN_SEND_AGAIN");
    }
    const int left = limits::kApplicationCodeFailures - application->failures;
    if (application->failures > 0) {
        page.add("TRIES").set("TRIES_LEFT", std::to_string(left));
    }
    return drawn(parts, request, "apply_code", std::move(page), error);
}

Result<Response> code(const ApplyParts& parts, const Request& request) {
    return draw_code(parts, request, nullptr);
}

Result<Response> enter_code(const ApplyParts& parts, const Request& request) {
    const auto typed = TRY(request.form());
    const auto confirmed =
        parts.throttles.count("application-code", request.source, limits::kApplicationCodesPerSourceHour, request.now)
            .and_then(
                [&] { return parts.applications.confirm(visit_of(request), typed.text("code"), client_of(request)); });
    if (confirmed) {
        return Response::see_other("/apply/done");
    }
    if (confirmed.error().kind == ErrorKind::unauthenticated) {
        return lost(parts, request);
    }
    return stays_on_page(confirmed.error()) ? draw_code(parts, request, &confirmed.error())
                                            : failure(confirmed.error());
}

Result<Response> send_again(const ApplyParts& parts, const Request& request) {
    const auto sent =
        parts.throttles.count("application", request.source, limits::kApplicationsPerSourceHour, request.now)
            .and_then([&] { return parts.applications.send_again(visit_of(request), client_of(request)); });
    if (sent) {
        return Response::see_other("/apply/code");
    }
    if (sent.error().kind == ErrorKind::unauthenticated) {
        return lost(parts, request);
    }
    return stays_on_page(sent.error()) ? draw_code(parts, request, &sent.error()) : failure(sent.error());
}

Result<Response> done(const ApplyParts& parts, const Request& request) {
    const auto application = parts.applications.by_visit(visit_of(request), request.now);
    if (!application || application->state == ApplicationState::unconfirmed) {
        return Response::see_other(application ? "/apply/code" : kPath);
    }
    render::View page;
    page.set("NUMBER", application->number).set("CENTER", application->health_center_name);
    page.set("RECEIVED_AT", format_japanese_date_time(application->confirmed_at.value_or(application->created_at)));
    if (!application->health_center_phone.empty()) {
        page.add("CENTER_CONTACT").set("CENTER_PHONE", application->health_center_phone);
    }
    return parts.writer.page(request, "apply_done", page);
}

Result<Response> draw_status(const ApplyParts& parts, const Request& request, const http::Fields& typed,
                             const Application* application, const Error* error) {
    render::View page;
    page.set("NUMBER", typed.text("number")).set("PHONE_END", typed.text("phone_end"));
    page.set("TYPED_REPLY", typed.text("reply"));
    if (application == nullptr) {
        page.show("FORM");
    } else {
        auto& found = page.add("FOUND");
        found.set("FOUND_NUMBER", application->number).set("CENTER", application->health_center_name);
        found.set("APPLIED_AT", format_japanese_date_time(application->confirmed_at.value_or(application->created_at)));
        found.set("STATE_TEXT",
                  parts.writer.texts().text("apply.state_" + std::string(accounts::to_text(application->state)),
                                            request.locale));
        const auto state = application->state;
        found.show(state == ApplicationState::open       ? "STATE_OPEN"
                   : state == ApplicationState::asked    ? "STATE_ASKED"
                   : state == ApplicationState::accepted ? "STATE_ACCEPTED"
                                                         : "STATE_DECLINED");
        if (state == ApplicationState::asked) {
            page.add("QUESTION").set("QUESTION_TEXT", application->question);
        }
        if (state == ApplicationState::declined) {
            page.add("DECLINED").set("DECLINED_WHY", application->reason);
        }
        if (!application->health_center_phone.empty()) {
            page.add("CENTER_CONTACT").set("CENTER_PHONE", application->health_center_phone);
        }
    }
    page.set("BACK", "/apply/status");
    return drawn(parts, request, "apply_status", std::move(page), error);
}

Result<Response> ask_status(const ApplyParts& parts, const Request& request) {
    return draw_status(parts, request, http::Fields{}, nullptr, nullptr);
}

Result<Response> status(const ApplyParts& parts, const Request& request) {
    const auto typed = TRY(request.form());
    const auto number = typed.text("number");
    const auto end = typed.text("phone_end");
    const auto found =
        parts.throttles.count("application-look", request.source, limits::kApplicationLooksPerSourceHour, request.now)
            .and_then([&] { return parts.applications.look(number, end, request.now); });
    if (!found) {
        return stays_on_page(found.error()) ? draw_status(parts, request, typed, nullptr, &found.error())
                                            : failure(found.error());
    }
    if (!typed.find("reply")) {
        return draw_status(parts, request, typed, &*found, nullptr);
    }
    const auto replied = parts.applications.reply(number, end, typed.text("reply"), client_of(request));
    if (!replied) {
        return stays_on_page(replied.error()) ? draw_status(parts, request, typed, &*found, &replied.error())
                                              : failure(replied.error());
    }
    return draw_status(parts, request, typed, &*replied, nullptr);
}

}  // namespace

void add_apply_pages(http::RouteTable& routes, const ApplyParts& parts) {
    using Handler = Result<Response> (*)(const ApplyParts&, const Request&);
    const auto add = [&](Method method, std::string pattern, Handler handler) {
        routes.page(method, std::move(pattern),
                    [parts, handler](const Request& request) { return handler(parts, request); });
    };
    add(Method::get, kPath, form);
    add(Method::post, kPath, read_back);
    add(Method::post, "/apply/start", start);
    add(Method::get, "/apply/code", code);
    add(Method::post, "/apply/code", enter_code);
    add(Method::post, "/apply/code/again", send_again);
    add(Method::get, "/apply/done", done);
    add(Method::get, "/apply/status", ask_status);
    add(Method::post, "/apply/status", status);
}

}  // namespace madoguchi::console
