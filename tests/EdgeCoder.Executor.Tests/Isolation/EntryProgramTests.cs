using System.Buffers.Binary;
using System.Text;
using EdgeCoder.Executor.Isolation.Entry;
using EdgeCoder.Executor.Isolation.Seccomp;
using EdgeCoder.Executor.Running;

namespace EdgeCoder.Executor.Tests.Isolation;

public sealed class EntryProgramTests
{
    [Theory]
    [InlineData("X64", 62)]
    [InlineData("Arm64", 183)]
    public void Image_is_a_static_executable_for_its_machine(string architecture, int machine)
    {
        var image = Build(Enum.Parse<MachineArchitecture>(architecture));

        Assert.Equal([0x7F, (byte)'E', (byte)'L', (byte)'F'], image[..4]);
        Assert.Equal(machine, BinaryPrimitives.ReadUInt16LittleEndian(image.AsSpan(18)));
        Assert.Equal((ulong)image.Length, BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(64 + 32)));
    }

    [Fact]
    public void Entry_point_is_the_first_instruction()
    {
        var image = Build(MachineArchitecture.X64);
        var offset = (int)(BinaryPrimitives.ReadUInt64LittleEndian(image.AsSpan(24)) - 0x400000);

        Assert.Equal([0x48, 0xBF], image[offset..(offset + 2)]); // mov rdi, imm64
    }

    [Fact]
    public void Arm_code_is_what_an_assembler_writes()
    {
        var program = new EntryAssembler(MachineArchitecture.Arm64);
        program.Call("chdir", mayFail: false, 0x0000123456789ABCul);
        var words = program.Build().AsSpan(120, 36).ToArray().Chunk(4).Select(word => BinaryPrimitives.ReadUInt32LittleEndian(word)).ToArray();

        // movz x0, #0x9abc; movk x0, #0x5678, lsl 16; movk x0, #0x1234, lsl 32; movk x0, #0, lsl 48; movz x8, #49; svc #0; tbz x0, #63, +16; movz x0, #160; movz x8, #94
        Assert.Equal([0xD2935780, 0xF2AACF00, 0xF2C24680, 0xF2E00000, 0xD2800628, 0xD4000001, 0xB6F80080, 0xD2801400, 0xD2800BC8], words);
    }

    [Fact]
    public void Every_step_that_can_fail_has_its_words()
    {
        // The last failure code in the program is that of the last step.
        var image = Build(MachineArchitecture.X64);
        var last = EntryAssembler.FirstFailureCode + EntryProgram.Steps.Count - 1;

        Assert.True(image.AsSpan().IndexOf(new byte[] { 0xBF, (byte)last, 0, 0, 0 }) > 0);
        Assert.True(image.AsSpan().IndexOf(new byte[] { 0xBF, (byte)(last + 1), 0, 0, 0 }) < 0);
        Assert.True(last < 256);
    }

    [Fact]
    public void Image_holds_the_filter_and_the_arguments()
    {
        var image = Build(MachineArchitecture.X64);

        Assert.True(image.AsSpan().IndexOf(SeccompFilter.Encode(SeccompFilter.Build(MachineArchitecture.X64, SeccompPolicy.For(SeccompPolicy.BubblewrapProgramPid)))) > 0);
        Assert.True(image.AsSpan().IndexOf(Encoding.UTF8.GetBytes("/usr/bin/python3\0")) > 0);
        Assert.True(image.AsSpan().IndexOf(Encoding.UTF8.GetBytes("A=b\0")) > 0);
    }

    private static byte[] Build(MachineArchitecture architecture) =>
        EntryProgram.Build(architecture, LimitPlan.Read(SnippetLanguage.Python, new()).Plan!.ToEntryPlan("/usr/bin/python3", ["python3", "-B"], ["A=b"]));
}
