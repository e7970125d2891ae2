namespace EdgeCoder.Agent.Tests.Sessions;

/// <summary>A disk with room for some bytes; the write that does not fit leaves its beginning there and fails as Linux does.</summary>
internal sealed class FullDisk(int room) : MemoryStream
{
    private const int NoSpaceLeft = 28;

    public override void Write(byte[] buffer, int offset, int count)
    {
        var fits = Math.Min(count, room - (int)Length);
        base.Write(buffer, offset, fits);
        if (fits < count)
        {
            throw new IOException("No space left on device", NoSpaceLeft);
        }
    }
}
