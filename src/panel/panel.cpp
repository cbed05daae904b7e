#include "panel/panel.hpp"

#include <algorithm>
#include <array>
#include <boost/asio/io_context.hpp>
#include <boost/asio/steady_timer.hpp>
#include <chrono>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

#include "panel/command.hpp"
#include "panel/row_values.hpp"
#include "panel/sections.hpp"
#include "panel/server.hpp"
#include "panel/talk.hpp"

namespace ferraris::panel {
namespace {

namespace asio = boost::asio;
using Clock = std::chrono::steady_clock;

/// The glass is looked at this often; what is slower by nature is so by itself.
constexpr auto kLook = std::chrono::milliseconds(50);
/// Longer tables are read anew no more often than this.
constexpr auto kSlowLook = std::chrono::milliseconds(500);
/// The LED of the module lights for this long after a message.
constexpr auto kModuleLight = std::chrono::milliseconds(300);
/// Before the tariff changes, so that people see it.
constexpr std::int64_t kBeforeChange_s = 3;

constexpr std::array<const char*, 3> kFrom{"client", "meter", "inside"};

}  // namespace

class Panel::Implementation : public std::enable_shared_from_this<Implementation> {
public:
    Implementation(asio::io_context& io, twin::VirtualMeter& meter, twin::Pacer& pacer,
                   std::function<void(const std::string&)> log)
        : meter_(meter),
          pacer_(pacer),
          timer_(io),
          talk_([this](const TalkLine& line) { take_line(line); }),
          server_(io, view_,
                  {[this](std::string_view message, bool& bad) { return command(message, bad); },
                   [this](bool watched) { watch(watched); }, std::move(log)}) {
        view_.set(Section::identity, identity_section(meter_));
    }

    std::uint16_t listen(const twin::Endpoint& endpoint) { return server_.listen(endpoint); }
    void hear(const twin::Heard& heard) { talk_.hear(heard); }

    void close() {
        timer_.cancel();
        watched_ = false;
        server_.close();
    }

private:
    void take_line(const TalkLine& line) {
        if (line.port == TalkPort::network || line.port == TalkPort::module)
            module_until_ = Clock::now() + kModuleLight;
        view_.add(List::talk, nlohmann::json{{"at", meter_.device().clock().milliseconds},
                                             {"port", name_of(line.port)},
                                             {"peer", line.peer},
                                             {"from", kFrom[static_cast<std::size_t>(line.from)]},
                                             {"text", line.text},
                                             {"octets", line.octets}}
                                  .dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
    }

    void watch(bool watched) {
        watched_ = watched;
        if (!watched) {
            timer_.cancel();
            return;
        }
        looked_ = {};
        look();
    }

    void look() {
        if (!watched_) return;
        refresh();
        server_.broadcast();
        timer_.expires_after(kLook);
        timer_.async_wait([self = weak_from_this()](const boost::system::error_code& error) {
            const auto alive = self.lock();
            if (!error && alive) alive->look();
        });
    }

    void refresh() {
        pacer_.observe();
        measure_pace();
        view_.set(Section::time, time_section(meter_, pacer_.state(), reached_));
        view_.set(Section::glass, glass_section(meter_));
        view_.set(Section::front, front_section(meter_, Clock::now() < module_until_));
        view_.set(Section::world, world_section(meter_));
        if (std::exchange(looked_.second, meter_.now().seconds()) != meter_.now().seconds()) {
            view_.set(Section::measured, measured_section(meter_));
            view_.set(Section::energy, energy_section(meter_));
        }
        take_events();
        const auto now = Clock::now();
        if (now - looked_.slowly < kSlowLook) return;
        looked_.slowly = now;
        view_.set(Section::calendar, calendar_section(meter_));
        view_.set(Section::curve, curve_section(meter_));
    }

    /// What the machine makes of the speed that was asked for.
    void measure_pace() {
        const auto now = Clock::now();
        const std::chrono::duration<double> passed = now - pace_since_;
        if (passed < std::chrono::seconds(1)) return;
        const auto seconds = static_cast<double>(meter_.now().seconds() - pace_from_);
        // At a few seconds a second the whole ones that fall into one of ours say nothing.
        const twin::PaceState pace = pacer_.state();
        const bool known = passed < std::chrono::seconds(2) && !pace.paused && (pace.leaping || pace.speed >= 10);
        reached_ = known ? std::optional(seconds / passed.count()) : std::nullopt;
        pace_since_ = now;
        pace_from_ = meter_.now().seconds();
    }

    /// Rows that are new in the event logs; at first the last ones of each.
    void take_events() {
        const meter::Instrument& instrument = meter_.device().instrument();
        struct Entry {
            std::uint32_t stamp;
            std::string json;
        };
        std::vector<Entry> entries;
        for (std::size_t i = 0; i < meter::kEventLogCount; ++i) {
            const auto index =
                static_cast<meter::ProfileIndex>(static_cast<std::size_t>(meter::ProfileIndex::standard_log) + i);
            const meter::Profile& profile = instrument.profiles[index];
            if (profile.next() == next_row_[i]) continue;
            const meter::RowSpan rows = profile.all();
            const std::uint32_t first = std::max(rows.first, next_row_[i]);
            next_row_[i] = profile.next();
            meter::ProfileSetup setup;
            if (!profile.setup(setup)) continue;
            const RowValues values(setup);
            const auto e = static_cast<std::uint8_t>(i + 1);
            const auto value = [&](const meter::ProfileRow& row, int base) {
                return values.of(row, dlms::obis(0, 0, 96, 11, static_cast<std::uint8_t>(base + e))).value_or(0);
            };
            for (std::uint32_t number = first; number < rows.first + rows.span; ++number) {
                meter::ProfileRow row;
                if (!profile.read(number, row)) continue;
                entries.push_back({row.stamp, event_entry(static_cast<meter::EventLog>(i), row.stamp,
                                                          static_cast<std::uint8_t>(value(row, 0)), value(row, 128),
                                                          value(row, 144))});
            }
        }
        std::ranges::stable_sort(entries, {}, &Entry::stamp);
        for (Entry& entry : entries) view_.add(List::events, std::move(entry.json));
    }

    std::string command(std::string_view message, bool& bad) {
        const auto command = parse_command(message);
        bad = !command;
        if (!command) return refused_message(command.error());
        pacer_.observe();
        const bool done = carry_out(*command);
        refresh();
        if (!done) return refused_message({"the calendar has no other tariff", command->id});
        return command->id ? done_message(*command->id) : "";
    }

    bool carry_out(const Command& command) {
        switch (command.kind) {
            case Command::Kind::change:
                meter_.stage().apply(command.change);
                break;
            case Command::Kind::hold:
                meter_.stage().hold(command.button, command.down);
                break;
            case Command::Kind::speed:
                pacer_.set_speed(command.speed);
                break;
            case Command::Kind::pause:
                pacer_.pause();
                break;
            case Command::Kind::leap: {
                const meter::Instrument& instrument = meter_.device().instrument();
                const auto change = next_tariff_change(instrument);
                if (!change) return false;
                // The world's time, which the meter's clock may be off from.
                const std::int64_t ahead = change->seconds() - instrument.clock.seconds() - kBeforeChange_s;
                pacer_.leap_to(UtcTime::from_seconds(meter_.now().seconds() + std::max<std::int64_t>(ahead, 0)));
                break;
            }
        }
        return true;
    }

    /// What was looked at last.
    struct Looked {
        std::int64_t second{-1};
        Clock::time_point slowly{};
    };

    twin::VirtualMeter& meter_;
    twin::Pacer& pacer_;
    asio::steady_timer timer_;
    View view_{};
    Talk talk_;
    Server server_;
    Looked looked_{};
    Clock::time_point module_until_{};
    Clock::time_point pace_since_{};
    std::int64_t pace_from_{0};
    std::optional<double> reached_{};
    std::array<std::uint32_t, meter::kEventLogCount> next_row_{};
    bool watched_{false};
};

Panel::Panel(asio::io_context& io, twin::VirtualMeter& meter, twin::Pacer& pacer,
             std::function<void(const std::string&)> log)
    : implementation_(std::make_shared<Implementation>(io, meter, pacer, std::move(log))) {}

Panel::~Panel() { close(); }

std::uint16_t Panel::listen(const twin::Endpoint& endpoint) { return implementation_->listen(endpoint); }

void Panel::hear(const twin::Heard& heard) { implementation_->hear(heard); }

void Panel::close() { implementation_->close(); }

}  // namespace ferraris::panel
