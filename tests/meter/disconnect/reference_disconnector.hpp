/// Disconnect control as the standard's text has it, mode by mode, for comparison with the meter: arrows by letter, and
/// for each mode the letters that it has.
#pragma once

#include <map>
#include <string>

namespace ferraris::meter::testing {

struct ReferenceDisconnector {
    int state{1};
    int mode{5};
    bool button{true};

    struct Arrow {
        std::string command;
        int from;
        int to;
        int event;  ///< of the companion standard's table
    };
    static const std::map<char, Arrow>& arrows() {
        static const std::map<char, Arrow> kArrows{
            {'a', {"remote_reconnect", 0, 1, 63}},  {'b', {"remote_disconnect", 1, 0, 62}},
            {'c', {"remote_disconnect", 2, 0, 62}}, {'d', {"remote_reconnect", 0, 2, 59}},
            {'e', {"manual_reconnect", 2, 1, 61}},  {'f', {"manual_disconnect", 1, 2, 60}},
            {'g', {"local_disconnect", 1, 2, 64}},  {'h', {"local_reconnect", 2, 1, 69}},
            {'i', {"remote_reconnect", 2, 1, 63}},
        };
        return kArrows;
    }
    static std::string letters_of(int mode) {
        static const std::map<int, std::string> kModes{{0, ""},      {1, "bcfgde"},  {2, "bcfgae"}, {3, "bcgde"},
                                                       {4, "bcgae"}, {5, "bcfgdeh"}, {6, "bcgdeh"}, {7, "bcgaieh"}};
        return kModes.at(mode);
    }

    /// The event of what it did; 0: nothing.
    int command(const std::string& name) {
        for (const char letter : letters_of(mode)) {
            const Arrow& arrow = arrows().at(letter);
            if (arrow.command != name || arrow.from != state) continue;
            state = arrow.to;
            return arrow.event;
        }
        return 0;
    }
    int press() {
        if (!button) return 0;
        const int event = command("manual_disconnect");
        return event != 0 ? event : command("manual_reconnect");
    }
    int set_mode(int to) {
        mode = to;
        if (to != 0 || state == 1) return 0;
        state = 1;
        return 63;
    }
};

}  // namespace ferraris::meter::testing
