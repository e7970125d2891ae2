using System.Reflection;

namespace EdgeCoder.Coordinator.Tests.Storage;

/// <summary>Rows for tests of readers: every required column is empty until the test says what matters to it.</summary>
internal static class BlankRow
{
    public static T Of<T>(Action<T> set)
        where T : class
    {
        var row = Activator.CreateInstance<T>();
        var nullability = new NullabilityInfoContext();
        foreach (var property in typeof(T).GetProperties().Where(p => p.CanWrite && p.GetValue(row) is null && nullability.Create(p).WriteState == NullabilityState.NotNull))
        {
            property.SetValue(row, property.PropertyType == typeof(string) ? "" : Array.CreateInstance(property.PropertyType.GetElementType()!, 0));
        }

        set(row);
        return row;
    }
}
