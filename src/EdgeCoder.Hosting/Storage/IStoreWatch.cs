namespace EdgeCoder.Hosting.Storage;

/// <summary>Tells of rows that the store's writer of this process has committed, so that who works on them behind the requests need not look again and again.</summary>
public interface IStoreWatch
{
    /// <summary>
    /// Calls <paramref name="told"/> after each commit in which rows of a kind were inserted, for as long as the writer lives. It runs on the writer's thread:
    /// it only sets a signal and never throws. It may be called once too often, never too seldom.
    /// </summary>
    void Watch<T>(Action told)
        where T : class;
}
