namespace EdgeCoder.Hosting.Settings;

/// <summary>What kind of installation this is (environment.md 3): <c>EDGE_ENV</c> and <c>NODE_ENV</c>, two names of one setting.</summary>
public static class DeploymentEnvironment
{
    private const string Production = "production";

    /// <summary>Whether it is production: when the settings say so, and always beyond loopback. Settings that contradict each other are faults.</summary>
    /// <param name="reader">The settings.</param>
    /// <param name="beyondLoopback">Whether others than this machine reach it.</param>
    public static bool IsProduction(SettingsReader reader, bool beyondLoopback)
    {
        ArgumentNullException.ThrowIfNull(reader);
        var standard = beyondLoopback ? Production : "development";
        var edge = reader.Choice("EDGE_ENV", standard, Production, "development", "test");
        var node = reader.Choice("NODE_ENV", reader.Text("EDGE_ENV") is null ? standard : edge, Production, "development", "test");
        if (edge != node && reader.Text("EDGE_ENV") is not null)
        {
            reader.Refuse("EDGE_ENV and NODE_ENV are two names of one setting and differ. Set one, or both the same.");
        }

        return beyondLoopback || edge == Production || node == Production;
    }
}
