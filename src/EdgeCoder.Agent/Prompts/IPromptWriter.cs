namespace EdgeCoder.Agent.Prompts;

/// <summary>Writes the prompts of a snippet session: one wording for general models, one for the demonstration model.</summary>
internal interface IPromptWriter
{
    /// <summary>Asks for a plan. <paramref name="fault"/> says what was wrong with the last reply, when it could not be read.</summary>
    Prompt Plan(string? fault);

    /// <summary>Asks for tests, in a call that does not see the code.</summary>
    Prompt Tests(PlanSoFar plan, string? fault);

    /// <summary>Asks for the first code.</summary>
    Prompt Code(PlanSoFar plan, TestsSoFar tests, string? fault);

    /// <summary>Asks for better code after a failed run.</summary>
    Prompt Reflect(PlanSoFar plan, TestsSoFar tests, FailedTry failed, string? fault);
}
