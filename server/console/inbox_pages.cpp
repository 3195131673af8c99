#include "console/inbox_pages.hpp"

#include "gateway/phone_number.hpp"
#include "http/json_reader.hpp"

namespace madoguchi::console {
namespace {

using http::Request;
using http::Response;
using messages::MessageState;

Result<Response> inbox(const messages::MessageService& service, const render::PageWriter& writer,
                       const Request& request) {
    static const gateway::PhoneNumbers kNumbers;
    render::View page;
    const auto found = TRY(service.inbox(request.now));
    if (found.empty()) {
        page.show("EMPTY");
    }
    for (const auto& message : found) {
        const auto number = kNumbers.parse(message.e164, "JP", gateway::PhonePurpose::voice);
        auto& shown = page.add("MESSAGE");
        shown.set("MESSAGE_ID", std::to_string(message.id.value));
        shown.set("MESSAGE_TO", number ? number->national : message.e164);
        shown.set("MESSAGE_AT", format_japanese_date_time(message.created_at));
        shown.set("MESSAGE_BODY", message.text.reveal());
        shown.set(
            "MESSAGE_STATE_TEXT",
            writer.texts().text("message_state." + std::string(messages::to_text(message.state)), request.locale));
        shown.show(message.kind == gateway::MessageKind::sms ? "MESSAGE_SMS" : "MESSAGE_VOICE");
        if (message.state == MessageState::ringing) {
            shown.show("MESSAGE_CAN_ANSWER");
        }
        if (message.state == MessageState::ringing || message.state == MessageState::delivered) {
            shown.show("MESSAGE_CAN_FAIL");
        }
    }
    page.show(request.query.text("refresh") == "on" ? "REFRESH_ON" : "REFRESH_OFF");
    return writer.page(request, "inbox", page);
}

Result<Response> play(const messages::MessageService& service, const Request& request) {
    const auto id = http::parse_identifier(request.path_parameter("id"));
    const std::string what = request.path_parameter("what");
    const auto state = what == "answer"   ? MessageState::answered
                       : what == "ignore" ? MessageState::unanswered
                       : what == "busy"   ? MessageState::busy
                                          : MessageState::failed;
    if (!id || (state == MessageState::failed && what != "fail")) {
        return failure(ErrorKind::not_found, "not_found");
    }
    TRY(service.play(MessageId{*id}, state, request.now));
    return Response::see_other("/development/inbox");
}

}  // namespace

void add_inbox_pages(http::RouteTable& routes, const messages::MessageService& messages,
                     const render::PageWriter& writer) {
    routes.page(http::Method::get, "/development/inbox",
                [&messages, &writer](const Request& request) { return inbox(messages, writer, request); });
    routes.page(http::Method::post, "/development/inbox/{id}/{what}",
                [&messages](const Request& request) { return play(messages, request); });
}

}  // namespace madoguchi::console
