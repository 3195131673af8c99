#include "accounts/desk_pages.hpp"

namespace madoguchi::accounts {

std::string shown_date(Instant instant) {
    constexpr std::size_t kDateOnly = 10;  // 2026/12/02
    return format_japanese_date_time(instant).substr(0, kDateOnly);
}

std::string short_login_id(std::string_view login_id) {
    return std::string(login_id.substr(0, login_id.find('@')));
}

bool is_refusal(const Error& error) {
    return error.kind == ErrorKind::invalid || error.kind == ErrorKind::too_many || error.kind == ErrorKind::conflict ||
           error.kind == ErrorKind::forbidden;
}

http::Response refused_page(const directory::Console& console, const http::Request& request,
                            std::string_view template_name, render::View page, const Error& error) {
    console.writer().explain(page, request, error);
    const int status = error.kind == ErrorKind::invalid     ? 400
                       : error.kind == ErrorKind::too_many  ? 429
                       : error.kind == ErrorKind::forbidden ? 403
                                                            : 409;
    auto response = console.writer().page(request, template_name, std::move(page), status);
    if (error.retry_after) {
        response.with_header("Retry-After", std::to_string(error.retry_after->count()));
    }
    return response;
}

std::string role_name(const directory::Console& console, const http::Request& request, directory::Role role) {
    return console.text(request, "role." + std::string(directory::to_text(role)));
}

}  // namespace madoguchi::accounts
