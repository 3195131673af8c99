// What people see when a request fails: an error page, or the sign-in where a session is gone.
#pragma once

#include "http/problem.hpp"
#include "render/page_writer.hpp"

namespace madoguchi::app {

inline http::ErrorRenderer error_renderer(const render::PageWriter& writer, const render::Texts& texts) {
    return {.text =
                [&texts](std::string_view id, Locale locale, const std::map<std::string, std::string>& values) {
                    return texts.text("error." + std::string(id), locale, values);
                },
            .page = [&writer](const http::Request& request, const Error& error,
                              int status) { return writer.error_page(request, error, status); },
            .values = render::values_of};
}

}  // namespace madoguchi::app
