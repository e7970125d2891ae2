using EdgeCoder.Executor.Isolation.Landlock;
using EdgeCoder.Launcher.Calls;

namespace EdgeCoder.Launcher.Steps;

/// <summary>Makes a Landlock layer and enters it (landlock(7)).</summary>
internal static unsafe class LandlockSteps
{
    private const long PathBeneath = 1; // LANDLOCK_RULE_PATH_BENEATH
    private const int RuleBytes = 12; // struct landlock_path_beneath_attr is packed: access, descriptor
    private const int RuleDescriptor = 8;
    private const long PathOnly = 0x200000;

    /// <summary>Adds the steps.</summary>
    public static void Add(CallList calls, LandlockLayer layer)
    {
        // An older kernel knows a shorter structure; what it does not know is zero here.
        calls.For("make the Landlock rules");
        var bytes = layer.Scopes != 0 ? 24 : layer.Network != 0 ? 16 : 8;
        var ruleset = calls.Keep("landlock_create_ruleset", Memory.Words((ulong)layer.Files, layer.Network, layer.Scopes), bytes, 0);
        foreach (var rule in layer.Rules)
        {
            calls.For($"allow {rule.Path} in the Landlock rules");
            var path = calls.Keep("openat", Kernel.CurrentDirectory, Memory.Text(rule.Path), PathOnly | Kernel.CloseOnExec, 0);
            var attributes = Memory.Zeroed(RuleBytes);
            *(ulong*)attributes = (ulong)rule.Access;
            calls.Store(path, attributes + RuleDescriptor);
            calls.Add("landlock_add_rule", ruleset, PathBeneath, attributes, 0);
            calls.Add("close", path);
        }

        calls.For("enter the Landlock layer");
        calls.Add("landlock_restrict_self", ruleset, 0);
        calls.Add("close", ruleset);
    }
}
