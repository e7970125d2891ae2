namespace EdgeCoder.Agent.Redaction;

/// <summary>What was taken out of a text: the rows of agent-executor-models 7.3.</summary>
public enum RedactionKind
{
    /// <summary>A key of a cloud or model provider.</summary>
    CloudKey,

    /// <summary>A private key block.</summary>
    PrivateKey,

    /// <summary>An authorization header, a JWT, a cookie.</summary>
    Bearer,

    /// <summary>A token of a forge, chat or package registry.</summary>
    Token,

    /// <summary>The value of a name that means a secret; user and password in a URL.</summary>
    Assignment,

    /// <summary>A run of characters too random to be a word.</summary>
    HighEntropy,

    /// <summary>E-mail address, user name in a home directory, a host name on the policy's list.</summary>
    Personal,
}
