using Google.Protobuf;
using Google.Protobuf.Reflection;
using SelfHeal.Sidecar.Xds;
using SelfHeal.Xds.Resources;

namespace SelfHeal.UnitTests.Sidecar.Xds;

/// <summary>What is read is what lay there at one moment, and the descriptor sets count like the files.</summary>
internal sealed class ResourceDirectoryTests
{
    private const string Private = "private.v1.Ext";
    private string _root = "";

    private string Resources => Path.Combine(_root, "resources");

    private string Set => Path.Combine(_root, "set.binpb");

    [SetUp]
    public void MakeFolder()
    {
        _root = Directory.CreateTempSubdirectory("selfheal-directory-").FullName;
        Directory.CreateDirectory(Resources);
    }

    [TearDown]
    public void RemoveFolder() => Directory.Delete(_root, recursive: true);

    [Test]
    public void Read_FilesSwappedWhileReading_IsReadAgainAndNeverMixed()
    {
        WriteBoth(1);
        var swapped = false;
        var directory = new ResourceDirectory(Resources, DescriptorSets.None, file =>
        {
            // The first file is read before the swap, the second after it.
            if (!swapped && file.EndsWith("b.yaml", StringComparison.Ordinal))
            {
                swapped = true;
                WriteBoth(2);
            }
            return File.ReadAllBytes(file);
        });

        var reading = directory.Read();

        Assert.That(reading.Errors, Is.Empty);
        Assert.That(AltNames(reading), Is.EqualTo(new[] { "2", "2" }));
        Assert.That(reading.Fingerprint, Is.EqualTo(directory.Fingerprint()));
    }

    [Test]
    public void Read_FilesThatNeverRest_AreNotBelieved()
    {
        WriteBoth(1);
        var writes = 1;
        var directory = new ResourceDirectory(Resources, DescriptorSets.None, file =>
        {
            WriteBoth(++writes);
            return File.ReadAllBytes(file);
        });

        var reading = directory.Read();

        Assert.That(reading.Snapshot, Is.Null);
        Assert.That(reading.Fingerprint, Is.Null);
        Assert.That(reading.Errors.Single().Message, Does.Contain("change while they are read"));
        Assert.That(writes, Is.LessThan(20), "it gives up");
    }

    [Test]
    public void Fingerprint_LinkedFolderSwapped_IsAnother()
    {
        // As Kubernetes mounts a ConfigMap: a.yaml -> ..data/a.yaml, ..data -> a folder with a time in its name.
        foreach (var version in (string[])["..1", "..2"])
        {
            Directory.CreateDirectory(Path.Combine(Resources, version));
            Write(Path.Combine(Resources, version, "a.yaml"), "a", version, new DateTime(
                2026, 1, 1, 0, 0, 0, DateTimeKind.Utc));
        }
        Directory.CreateSymbolicLink(Path.Combine(Resources, "..data"), "..1");
        File.CreateSymbolicLink(Path.Combine(Resources, "a.yaml"), "..data/a.yaml");
        var directory = new ResourceDirectory(Resources, DescriptorSets.None);
        var before = directory.Fingerprint();
        Assert.That(AltNames(directory.Read()), Is.EqualTo(new[] { "..1" }));

        Directory.CreateSymbolicLink(Path.Combine(Resources, "..new"), "..2");
        Directory.Delete(Path.Combine(Resources, "..data"));
        Directory.Move(Path.Combine(Resources, "..new"), Path.Combine(Resources, "..data"));

        Assert.That(directory.Fingerprint(), Is.Not.EqualTo(before));
        Assert.That(AltNames(directory.Read()), Is.EqualTo(new[] { "..2" }));
    }

    [Test]
    public void Read_DescriptorSet_ExplainsTheResourcesAndIsWatched()
    {
        WriteExtension();
        var without = new ResourceDirectory(Resources, DescriptorSets.None).Read();
        Assert.That(without.Errors.Single().Message, Does.Contain(Private).And.Contain("xds.descriptor_sets"));

        WriteSet("size", 1);
        var directory = new ResourceDirectory(Resources, new DescriptorSets([Set]));
        var reading = directory.Read();
        Assert.That(reading.Errors, Is.Empty);
        Assert.That(reading.Types.TypeCount, Is.EqualTo(1));

        var before = directory.Fingerprint();
        WriteSet("length", 2);
        Assert.That(directory.Fingerprint(), Is.Not.EqualTo(before));
        Assert.That(directory.Read().Errors.Single().Message, Does.Contain("has no field 'size'"));
    }

    [Test]
    public void Read_SetUnchanged_KeepsItsTypes()
    {
        WriteExtension();
        WriteSet("size", 1);
        var directory = new ResourceDirectory(Resources, new DescriptorSets([Set]));
        var types = directory.Read().Types;
        Assert.That(directory.Read().Types, Is.SameAs(types));
    }

    [Test]
    public void Read_SetMissingOrBroken_IsTold()
    {
        WriteExtension();
        var missing = new ResourceDirectory(Resources, new DescriptorSets([Set])).Read();
        Assert.That(missing.Errors.Single().ToString(), Does.StartWith($"{Set}:1:1: no such file"));

        File.WriteAllText(Set, "syntax = \"proto3\";");
        var broken = new ResourceDirectory(Resources, new DescriptorSets([Set])).Read();
        Assert.That(broken.Errors.Single().Message, Does.Contain("expected a binary FileDescriptorSet"));
        Assert.That(broken.Snapshot, Is.Null);
    }

    private void WriteExtension() => File.WriteAllText(Path.Combine(Resources, "a.yaml"), $$"""
        "@type": {{TypeUrl.Cluster}}
        name: a
        typed_extension_protocol_options: { x: { "@type": type.googleapis.com/{{Private}}, size: 3 } }
        """);

    private void WriteSet(string field, int second)
    {
        var message = new DescriptorProto
        {
            Name = "Ext",
            Field =
            {
                new FieldDescriptorProto
                {
                    Name = field,
                    Number = 1,
                    Type = FieldDescriptorProto.Types.Type.Int32,
                    Label = FieldDescriptorProto.Types.Label.Optional,
                },
            },
        };
        var file = new FileDescriptorProto
        {
            Name = "private/v1/ext.proto",
            Package = "private.v1",
            Syntax = "proto3",
            MessageType = { message },
        };
        File.WriteAllBytes(Set, new FileDescriptorSet { File = { file } }.ToByteArray());
        File.SetLastWriteTimeUtc(Set, new DateTime(2026, 1, 1, 0, 0, second, DateTimeKind.Utc));
    }

    private void WriteBoth(int version)
    {
        foreach (var name in (string[])["a", "b"])
        {
            Write(Path.Combine(Resources, $"{name}.yaml"), name, $"{version}",
                new DateTime(2026, 1, 1, 0, 0, version, DateTimeKind.Utc));
        }
    }

    private static void Write(string path, string name, string altName, DateTime time)
    {
        File.WriteAllText(path, $"\"@type\": {TypeUrl.Cluster}\nname: {name}\nalt_stat_name: \"{altName}\"\n");
        File.SetLastWriteTimeUtc(path, time);
    }

    private static string[] AltNames(ResourceReading reading) =>
        [.. reading.Snapshot!.Get(TypeUrl.Cluster).Resources // Its absence fails the test as well.
            .Select(static r => ((Envoy.Config.Cluster.V3.Cluster)r.Decode()!).AltStatName)];
}
