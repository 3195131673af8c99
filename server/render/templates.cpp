#include "render/templates.hpp"

#include <ctemplate/template_cache.h>
#include <ctemplate/template_dictionary.h>
#include <fmt/format.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <iterator>
#include <stdexcept>
#include <system_error>

#include "render/template_source.hpp"

namespace madoguchi::render {
namespace {

namespace ct = ::ctemplate;

tl::unexpected<Error> refuse(const std::string& file, const std::string& reason) {
    return failure(ErrorKind::internal, "internal", file + ": " + reason);
}

Result<TemplateFiles> read_files(const std::string& directory) {
    std::error_code code;
    TemplateFiles files;
    for (auto entry = std::filesystem::directory_iterator(directory, code);
         !code && entry != std::filesystem::directory_iterator(); entry.increment(code)) {
        const auto& path = entry->path();
        if (path.extension() != ".html") {
            continue;
        }
        std::ifstream stream(path, std::ios::binary);
        std::string content{std::istreambuf_iterator<char>(stream), {}};
        if (!stream) {
            return refuse(path.string(), "cannot be read");
        }
        files.emplace(path.stem().string(), std::move(content));
    }
    if (code) {
        return refuse(directory, code.message());
    }
    if (files.empty()) {
        return refuse(directory, "holds no template");
    }
    return files;
}

std::string cache_key(std::string_view page, Locale locale) {
    return std::string(locale == Locale::en ? "en/" : "ja/") + std::string(page);
}

ct::TemplateString piece(const std::string& text) {
    return {text.data(), text.size()};
}

// Recursion as deep as sections are nested, which our handlers decide: two or three.
void fill(ct::TemplateDictionary& dictionary, const View& view) {  // NOLINT(misc-no-recursion)
    for (const auto& [name, value] : view.values()) {
        dictionary.SetValue(piece(name), piece(value));
    }
    for (const auto& [name, children] : view.sections()) {
        for (const auto& child : children) {
            fill(*dictionary.AddSectionDictionary(piece(name)), child);
        }
    }
}

}  // namespace

struct Templates::Engine {
    ct::TemplateCache cache;

    Result<void> compile(const std::string& file, const std::string& page, const std::string& content,
                         const Texts& texts) {
        for (const Locale locale : {Locale::ja, Locale::en}) {
            const auto source = TRY(with_texts(file, content, texts, locale));
            const auto key = cache_key(page, locale);
            ct::TemplateDictionary nothing(ct::TemplateString("check"));
            std::string output;
            // The engine tells a template that does not parse only when it is expanded.
            if (!cache.StringToTemplateCache(piece(key), piece(source), ct::STRIP_BLANK_LINES) ||
                !cache.ExpandWithData(piece(key), ct::STRIP_BLANK_LINES, &nothing, nullptr, &output)) {
                return refuse(file, "does not parse");
            }
        }
        return {};
    }
};

Templates::Templates(std::unique_ptr<Engine> engine, std::set<std::string, std::less<>> pages)
    : engine_(std::move(engine)), pages_(std::move(pages)) {}
Templates::Templates(Templates&&) noexcept = default;
Templates& Templates::operator=(Templates&&) noexcept = default;
Templates::~Templates() = default;

Result<Templates> Templates::load(const std::string& directory, const Texts& texts) {
    const auto partials = TRY(read_files(directory + "/partials"));
    const auto pages = TRY(read_files(directory + "/pages"));
    auto engine = std::make_unique<Engine>();
    std::set<std::string, std::less<>> names;
    for (const auto& [name, content] : pages) {
        const auto file = fmt::format("{}/pages/{}.html", directory, name);
        if (!content.starts_with(kEscapingLine)) {
            return refuse(file, "line 1 must turn on escaping");
        }
        TRY(engine->compile(file, name, TRY(with_partials(file, content, partials)), texts));
        names.insert(name);
    }
    engine->cache.Freeze();
    return Templates(std::move(engine), std::move(names));
}

std::string Templates::render(std::string_view page, Locale locale, const View& view) const {
    const auto key = cache_key(page, locale);
    ct::TemplateDictionary dictionary(piece(key));
    fill(dictionary, view);
    std::string output;
    if (!engine_->cache.ExpandNoLoad(piece(key), ct::STRIP_BLANK_LINES, &dictionary, nullptr, &output)) {
        throw std::logic_error("no such page: " + key);
    }
    return output;
}

}  // namespace madoguchi::render
