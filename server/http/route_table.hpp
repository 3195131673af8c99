// Patterns and their handlers. Matching is plain string comparison by segments: no regular expression, no recursion.
#pragma once

#include <array>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

#include "base/result.hpp"
#include "http/method.hpp"
#include "http/request.hpp"
#include "http/response.hpp"

namespace madoguchi::http {

using Handler = std::function<Result<Response>(const Request&)>;

/// page: forms are CSRF-checked, errors are pages. api: JSON, errors are problem+json. plain: neither (health, metrics,
/// assets). scim: JSON and errors of RFC 7644. callback: forms of another program, whose origin the handler checks; no
/// visit, no CSRF, plain errors.
enum class RouteKind { page, api, scim, plain, callback };

/// form: no more than limits::kRequestBytes. file: a form with one file of up to limits::kUploadBytes. rows: JSON of up
/// to limits::kApiRowsBytes.
enum class RouteBody { form, file, rows };

struct Route {
    RouteKind kind = RouteKind::page;
    Method method = Method::get;
    std::string pattern;
    Handler handler;
    RouteBody body = RouteBody::form;
};

struct RouteMatch {
    const Route* route = nullptr;
    std::map<std::string, std::string, std::less<>> parameters;
    std::vector<Method> allowed;  // methods that this path has, if any: 405 rather than 404
};

class RouteTable {
public:
    /// Patterns are "/a/{name}/b"; a parameter takes one whole, non-empty segment, and a literal goes before a
    /// parameter. Throws std::logic_error for a malformed pattern or one registered twice: our own mistake, at start.
    void page(Method method, std::string pattern, Handler handler);
    /// A page's POST whose form carries a file (Request::file).
    void upload(std::string pattern, Handler handler);
    void api(Method method, std::string pattern, Handler handler, RouteBody body = RouteBody::form);
    void scim(Method method, std::string pattern, Handler handler, RouteBody body = RouteBody::form);
    void plain(Method method, std::string pattern, Handler handler);
    void callback(Method method, std::string pattern, Handler handler);

    /// Every POST of the API that is registered from here on runs inside what `wrap` makes of it.
    void wrap_api_posts(std::function<Handler(Handler)> wrap) { wrap_api_post_ = std::move(wrap); }

    /// What errors look like where no route was found.
    static RouteKind kind_below(std::string_view path);

    /// HEAD finds the GET route if there is no other.
    RouteMatch find(std::optional<Method> method, std::string_view path) const;

private:
    struct Resource {
        std::string pattern;
        std::vector<std::string> segments;
        std::array<std::unique_ptr<Route>, kMethodCount> routes;
    };

    void add(RouteKind kind, Method method, std::string pattern, Handler handler, RouteBody body = RouteBody::form);
    Resource& resource(const std::string& pattern);
    static void consider(const Resource& resource, std::optional<Method> method, RouteMatch& match);

    std::function<Handler(Handler)> wrap_api_post_;
    std::unordered_map<std::string, std::unique_ptr<Resource>> fixed_;  // patterns without parameters
    std::vector<std::unique_ptr<Resource>> with_parameters_;            // most literal first
};

}  // namespace madoguchi::http
