namespace EdgeCoder.Executor.Commands.View;

/// <summary>The environment of a command: a fixed small set, what tool chains need to find what is there and to leave alone what is not, and nothing of this process's own.</summary>
internal static class CommandEnvironment
{
    private const string SystemPath = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin";

    /// <summary>All of it; what the command itself asks for wins.</summary>
    public static IReadOnlyDictionary<string, string> Of(ProjectCommand command, ToolChains chains)
    {
        var all = new SortedDictionary<string, string>(StringComparer.Ordinal)
        {
            ["PATH"] = string.Join(':', chains.SearchPath.Append(SystemPath)),
            ["HOME"] = SystemView.Home,
            ["USER"] = "sandbox",
            ["LOGNAME"] = "sandbox",
            ["SHELL"] = "/bin/sh",
            ["TMPDIR"] = "/tmp",
            ["LANG"] = "C.UTF-8",
            ["LC_ALL"] = "C.UTF-8",
            ["TZ"] = "UTC",
            ["TERM"] = "dumb",
            ["NO_COLOR"] = "1",
            ["CI"] = "1",
        };
        if (command.ToolChains)
        {
            AddTools(all, chains, command.Network);
        }

        foreach (var (name, value) in command.Environment)
        {
            all[name] = value;
        }

        return all;
    }

    /// <summary>Places within the private home where a tool looks for a cache of the machine.</summary>
    public static IEnumerable<(string Source, string Target)> Caches(ToolChains chains, bool network)
    {
        // With the network, cargo wants to write there.
        var registry = Path.Combine(chains.Home, ".cargo/registry");
        return !network && chains.Sees(registry) ? [(registry, SystemView.Home + "/.cargo/registry")] : [];
    }

    private static void AddTools(SortedDictionary<string, string> all, ToolChains chains, bool network)
    {
        string Cache(string name) => $"{SystemView.Home}/.cache/{name}";
        string? Seen(string path) => chains.Sees(Path.Combine(chains.Home, path)) ? Path.Combine(chains.Home, path) : null;
        void Set(string name, string? value)
        {
            if (value is not null)
            {
                all[name] = value;
            }
        }

        void Default(string name, string? value) => Set(name, all.ContainsKey(name) ? null : value);

        foreach (var (name, path) in chains.Variables)
        {
            Set(name, path);
        }

        Set("PYTHONDONTWRITEBYTECODE", "1");
        Set("PYTHONHASHSEED", "0");
        Set("PYTHONUSERBASE", Seen(".local/lib") is null ? null : Path.Combine(chains.Home, ".local"));
        Set("PIP_DISABLE_PIP_VERSION_CHECK", "1");
        Default("PYENV_ROOT", Seen(".pyenv"));

        Set("DOTNET_CLI_HOME", SystemView.Home);
        Set("DOTNET_NOLOGO", "1");
        Set("DOTNET_CLI_TELEMETRY_OPTOUT", "1");
        Set("DOTNET_SKIP_FIRST_TIME_EXPERIENCE", "1");
        Set("DOTNET_GENERATE_ASPNET_CERTIFICATE", "false");
        Set("DOTNET_CLI_WORKLOAD_UPDATE_NOTIFY_DISABLE", "1");
        Set("MSBUILDDISABLENODEREUSE", "1");
        Set("DOTNET_CLI_USE_MSBUILD_SERVER", "0");
        Set("UseSharedCompilation", "false");
        Set("NUGET_PACKAGES", Cache("nuget"));
        Set("NUGET_FALLBACK_PACKAGES", Seen(".nuget/packages"));

        Set("npm_config_cache", Cache("npm"));
        Set("npm_config_update_notifier", "false");
        Set("npm_config_fund", "false");
        Set("npm_config_audit", "false");

        Set("GOCACHE", Cache("go-build"));
        Set("GOPATH", SystemView.Home + "/go");
        Set("GOTOOLCHAIN", "local");
        Set("GOTELEMETRY", "off");

        Set("CARGO_HOME", SystemView.Home + "/.cargo");
        Default("RUSTUP_HOME", Seen(".rustup"));
        Set("RUSTUP_AUTO_INSTALL", "0");

        Set("GRADLE_USER_HOME", Cache("gradle"));
        Set("GRADLE_RO_DEP_CACHE", Seen(".gradle/caches/modules-2") is null ? null : Path.Combine(chains.Home, ".gradle/caches"));
        Set("MAVEN_ARGS", Seen(".m2/repository") is { } repository && !network ? $"--offline -Dmaven.repo.local={repository}" : null);

        if (!network)
        {
            Set("npm_config_offline", "true");
            Set("CARGO_NET_OFFLINE", "true");
            Set("GOPROXY", "off");
            Set("GOMODCACHE", Seen("go/pkg/mod"));
            Set("PIP_NO_INDEX", "1");
            Set("NuGetAudit", "false");
        }
    }
}
