#include "http/route_table.hpp"

#include <algorithm>
#include <stdexcept>

#include "http/ascii.hpp"

namespace madoguchi::http {
namespace {

bool is_parameter(std::string_view segment) {
    return segment.size() > 2 && segment.front() == '{' && segment.back() == '}';
}

std::vector<std::string> split(std::string_view path) {
    std::vector<std::string> segments;
    path.remove_prefix(1);
    do {
        const bool last = path.find('/') == std::string_view::npos;
        segments.emplace_back(take_until(path, '/'));
        if (last) {
            break;
        }
    } while (true);
    return segments;
}

bool matches(const std::vector<std::string>& pattern, const std::vector<std::string>& path) {
    return pattern.size() == path.size() &&
           std::equal(pattern.begin(), pattern.end(), path.begin(), [](const auto& wanted, const auto& given) {
               return is_parameter(wanted) ? !given.empty() : wanted == given;
           });
}

// Sorts so that of two patterns that fit one path, the one that is literal earlier comes first.
std::string literal_order(const std::vector<std::string>& segments) {
    std::string order;
    for (const auto& segment : segments) {
        order += is_parameter(segment) ? '1' : '0';
    }
    return order;
}

}  // namespace

void RouteTable::page(Method method, std::string pattern, Handler handler) {
    add(RouteKind::page, method, std::move(pattern), std::move(handler));
}

void RouteTable::upload(std::string pattern, Handler handler) {
    add(RouteKind::page, Method::post, std::move(pattern), std::move(handler), RouteBody::file);
}

void RouteTable::api(Method method, std::string pattern, Handler handler, RouteBody body) {
    const bool wrapped = method == Method::post && wrap_api_post_;
    add(RouteKind::api, method, std::move(pattern), wrapped ? wrap_api_post_(std::move(handler)) : std::move(handler),
        body);
}

void RouteTable::scim(Method method, std::string pattern, Handler handler, RouteBody body) {
    add(RouteKind::scim, method, std::move(pattern), std::move(handler), body);
}

RouteKind RouteTable::kind_below(std::string_view path) {
    return path.starts_with("/api/") ? RouteKind::api : path.starts_with("/scim/") ? RouteKind::scim : RouteKind::page;
}

void RouteTable::plain(Method method, std::string pattern, Handler handler) {
    add(RouteKind::plain, method, std::move(pattern), std::move(handler));
}

void RouteTable::callback(Method method, std::string pattern, Handler handler) {
    add(RouteKind::callback, method, std::move(pattern), std::move(handler));
}

void RouteTable::add(RouteKind kind, Method method, std::string pattern, Handler handler, RouteBody body) {
    if (pattern.empty() || pattern.front() != '/' || pattern.find("//") != std::string::npos) {
        throw std::logic_error("malformed route pattern " + pattern);
    }
    auto& place = resource(pattern).routes.at(static_cast<std::size_t>(method));
    if (place) {
        throw std::logic_error("route registered twice: " + pattern);
    }
    place = std::make_unique<Route>(Route{kind, method, std::move(pattern), std::move(handler), body});
}

RouteTable::Resource& RouteTable::resource(const std::string& pattern) {
    auto segments = split(pattern);
    if (std::none_of(segments.begin(), segments.end(), is_parameter)) {
        auto& place = fixed_[pattern];
        if (!place) {
            place = std::make_unique<Resource>(Resource{pattern, std::move(segments), {}});
        }
        return *place;
    }
    for (const auto& known : with_parameters_) {
        if (known->pattern == pattern) {
            return *known;
        }
    }
    const auto order = literal_order(segments);
    const auto place = std::upper_bound(
        with_parameters_.begin(), with_parameters_.end(), order,
        [](const std::string& wanted, const auto& known) { return wanted < literal_order(known->segments); });
    return **with_parameters_.insert(place, std::make_unique<Resource>(Resource{pattern, std::move(segments), {}}));
}

void RouteTable::consider(const Resource& resource, std::optional<Method> method, RouteMatch& match) {
    for (const auto& route : resource.routes) {
        if (!route) {
            continue;
        }
        match.allowed.push_back(route->method);
        if (match.route == nullptr && method == route->method) {
            match.route = route.get();
        }
    }
    const auto& get = resource.routes.at(static_cast<std::size_t>(Method::get));
    if (match.route == nullptr && method == Method::head && get) {
        match.route = get.get();
    }
}

RouteMatch RouteTable::find(std::optional<Method> method, std::string_view path) const {
    RouteMatch match;
    if (path.empty() || path.front() != '/') {
        return match;
    }
    if (const auto found = fixed_.find(std::string(path)); found != fixed_.end()) {
        consider(*found->second, method, match);
    }
    // What a program's path names most literally is what it names: another pattern's methods are none of its own.
    const auto found_all = [&](const Resource& last) {
        const bool is_api = std::any_of(last.routes.begin(), last.routes.end(),
                                        [](const auto& route) { return route && route->kind == RouteKind::api; });
        return match.route != nullptr || is_api;
    };
    if (const auto found = fixed_.find(std::string(path)); found != fixed_.end() && found_all(*found->second)) {
        return match;
    }
    const auto segments = split(path);
    for (const auto& resource : with_parameters_) {
        if (matches(resource->segments, segments)) {
            consider(*resource, method, match);
            for (std::size_t i = 0; match.route != nullptr && i < segments.size(); ++i) {
                const auto& name = resource->segments[i];
                if (is_parameter(name)) {
                    match.parameters.emplace(name.substr(1, name.size() - 2), segments[i]);
                }
            }
            if (found_all(*resource)) {
                break;
            }
        }
    }
    return match;
}

}  // namespace madoguchi::http
