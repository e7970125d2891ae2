namespace EdgeCoder.IdeProvider.Access;

/// <summary>Where work may run (agent-executor-models 0), the narrowest first.</summary>
internal enum DataClass
{
    /// <summary>This machine only.</summary>
    Local,

    /// <summary>Machines that the operator labelled as the team's.</summary>
    Team,

    /// <summary>Any approved agent.</summary>
    Mesh,
}

/// <summary>How classes are written and combined.</summary>
internal static class DataClasses
{
    /// <summary>The narrower of two: a class never widens.</summary>
    public static DataClass Narrower(DataClass one, DataClass other) => one < other ? one : other;

    /// <summary>As it is written.</summary>
    public static string Word(this DataClass value) => value switch
    {
        DataClass.Local => "local",
        DataClass.Team => "team",
        _ => "mesh",
    };

    /// <summary>Reads it; null for any other text.</summary>
    public static DataClass? Parse(string? text) => text switch
    {
        "local" => DataClass.Local,
        "team" => DataClass.Team,
        "mesh" => DataClass.Mesh,
        _ => null,
    };
}
