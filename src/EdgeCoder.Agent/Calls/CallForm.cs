namespace EdgeCoder.Agent.Calls;

/// <summary>How a model asks for tools, the most capable form first (agent-executor-models 2.4). Malformed replies drop to the next one.</summary>
internal enum CallForm
{
    /// <summary>The provider's own tool calls.</summary>
    Native,

    /// <summary>One JSON object, held to a schema: a tool with its arguments, or a final statement.</summary>
    Json,

    /// <summary>Marked text: fenced blocks tagged <c>tool_call</c>, search/replace blocks, plans in blocks tagged <c>plan</c>.</summary>
    Text,
}

/// <summary>Which form a model begins with and which comes next.</summary>
internal static class CallForms
{
    /// <summary>The form that the model's proven abilities allow.</summary>
    public static CallForm First(AgentModel model) => model switch
    {
        { CallsTools: true } => CallForm.Native,
        { ObeysJsonSchema: true } => CallForm.Json,
        _ => CallForm.Text,
    };

    /// <summary>The next simpler form; null after the last one.</summary>
    public static CallForm? Simpler(CallForm form, AgentModel model) => form switch
    {
        CallForm.Native => model.ObeysJsonSchema ? CallForm.Json : CallForm.Text,
        CallForm.Json => CallForm.Text,
        _ => null,
    };
}
