#include "cli/panel.hpp"

#include <fmt/format.h>

#include <CLI/App.hpp>
#include <CLI/Config.hpp>
#include <CLI/Formatter.hpp>
#include <chrono>
#include <memory>
#include <nlohmann/json.hpp>
#include <optional>

#include "cli/connect_options.hpp"
#include "cli/demo_meter.hpp"
#include "cli/error.hpp"
#include "cli/meter_keys.hpp"
#include "cli/panel_drawing.hpp"
#include "cli/panel_keys.hpp"
#include "cli/panel_link.hpp"
#include "cli/panel_screen.hpp"
#include "cli/terminal.hpp"

namespace ferraris::cli {
namespace {

using std::chrono::milliseconds;

/// Reads the display and presses the buttons.
constexpr std::uint16_t kPanelClient = 1;
/// Between two looks at keys and pictures.
constexpr milliseconds kLook{40};
/// What flashes is lit for so long, and dark for so long.
constexpr milliseconds kFlash{500};
/// A flash of the metrological LED, so that it is seen.
constexpr milliseconds kPulse{150};

struct PanelOptions {
    ConnectOptions connect{};
    bool once{false};
    bool json{false};
    bool ascii{false};
    bool unicode{false};
};

milliseconds steady_now() {
    return std::chrono::duration_cast<milliseconds>(std::chrono::steady_clock::now().time_since_epoch());
}

PanelGlyphs glyphs_of(const PanelOptions& options) {
    return options.unicode || (!options.ascii && locale_is_utf8()) ? PanelGlyphs::unicode : PanelGlyphs::ascii;
}

/// A meter of the panel's own, whose buttons can be pressed.
class OwnMeter {
public:
    explicit OwnMeter(ConnectOptions& connect) {
        if (connect.key_file.empty()) connect.key_file = default_key_path().string();
        DemoMeterSettings settings;
        settings.port = 0;
        settings.hdlc_port = 0;
        settings.keys = connect.key_file;
        settings.remote_buttons = true;
        meter_ = std::make_unique<DemoMeter>(settings, [](std::int64_t, std::int64_t) {});
        connect.address = fmt::format("tcp://127.0.0.1:{}", meter_->port());
    }

private:
    std::unique_ptr<DemoMeter> meter_{};
};

/// What is on the screen besides the front of the meter.
std::vector<std::string> lines_below(const PanelLink::State& state, const std::string& address) {
    std::vector<std::string> lines{"", "d display   D long press   r relay   R relay, held   q end",
                                   fmt::format("meter at {}", address)};
    if (!state.refusal.empty()) lines.push_back(state.refusal);
    if (!state.trouble.empty()) {
        lines.emplace_back("NO LINE, this is what was shown last; trying again");
        lines.push_back(state.trouble);
    }
    return lines;
}

class LivePanel {
public:
    LivePanel(const PanelOptions& options, PanelLink& link, PanelScreen& screen)
        : options_(options), link_(link), screen_(screen), keys_(link.long_press()) {
        picture_.glyphs = glyphs_of(options);
    }

    void run() {
        for (;;) {
            for (const char key : screen_.keys(kLook)) {
                if (key == 'q' || key == 'Q') return;
                keys_.key(key, steady_now());
            }
            if (const auto held = keys_.advance(steady_now())) link_.hold(*held);
            draw();
        }
    }

private:
    void draw() {
        const PanelLink::State state = link_.state();
        if (state.view.pulses != pulses_) {
            if (pulses_) pulse_until_ = steady_now() + kPulse;
            pulses_ = state.view.pulses;
        }
        PanelPicture picture = picture_;
        picture.columns = screen_.columns();
        picture.lit = steady_now() / kFlash % 2 == 0;
        picture.pulse = steady_now() < pulse_until_;
        std::vector<std::string> lines = draw_panel(state.view, picture);
        for (std::string& line : lines_below(state, options_.connect.address)) lines.push_back(std::move(line));
        if (lines == drawn_ && picture.columns == columns_) return;
        screen_.draw(lines);
        drawn_ = std::move(lines);
        columns_ = picture.columns;
    }

    const PanelOptions& options_;
    PanelLink& link_;
    PanelScreen& screen_;
    PanelKeys keys_;
    PanelPicture picture_{};
    std::optional<std::uint32_t> pulses_{};
    milliseconds pulse_until_{0};
    std::vector<std::string> drawn_{};
    std::size_t columns_{0};
};

void print_once(const PanelOptions& options) {
    Client client(options.connect);
    const PanelView view = read_panel_view(client);
    if (options.json) {
        fmt::print("{}\n", panel_json(view).dump(2));
        return;
    }
    PanelPicture picture;
    picture.glyphs = glyphs_of(options);
    picture.columns = static_cast<std::size_t>(terminal_columns());
    for (const std::string& line : draw_panel(view, picture)) fmt::print("{}\n", line);
    if (const std::string flashing = flashing_text(view); !flashing.empty()) fmt::print("  flashing: {}\n", flashing);
}

int run(PanelOptions& options) {
    const bool live = !options.once && !options.json && is_terminal(Stream::input) && is_terminal(Stream::output);
    PanelSignals signals;
    std::optional<OwnMeter> own;
    if (options.connect.address.empty()) {
        if (live) signals.block();
        own.emplace(options.connect);
    }
    if (!live) {
        print_once(options);
        return 0;
    }
    PanelLink link(options.connect);
    PanelScreen screen(signals);
    link.start();
    LivePanel(options, link, screen).run();
    return 0;
}

}  // namespace

void add_panel(CLI::App& app, int& exit_status) {
    CLI::App* const verb = app.add_subcommand("panel", "The display of a meter, live in the terminal, and its buttons");
    const auto options = std::make_shared<PanelOptions>();
    options->connect.client_sap = kPanelClient;
    add_connect_options(*verb, options->connect);
    verb->get_option("address")->required(false);
    verb->add_flag("--once", options->once, "Show it once and end, as without a terminal");
    verb->add_flag("--json", options->json, "Show it once as JSON and end");
    verb->add_flag("--ascii", options->ascii, "Draw with plain characters");
    verb->add_flag("--unicode", options->unicode, "Draw with lines and symbols; default: as the locale says")
        ->excludes("--ascii");
    verb->footer(
        "Without ADDRESS it starts a meter of its own. Keys: d is the display's button, r the relay's, for as long as\n"
        "they are held; D is a long press; q ends. Any client but 16 sees the display; clients 1 and 3 press the\n"
        "buttons, of a virtual meter with --remote-buttons.\n\n"
        "Example:\n"
        "  ferraris panel tcp://127.0.0.1:4059 --keys ~/.local/state/ferraris/keys.toml");
    verb->callback([options, &exit_status] { exit_status = run(*options); });
}

}  // namespace ferraris::cli
