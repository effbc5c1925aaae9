using SelfHeal.Core.Records;

namespace SelfHeal.UnitTests.Records;

public sealed class PrettyJsonTests
{
    [Test]
    public void Write_Tree_IsIndentedInTheGivenOrder()
    {
        var value = new JsonObject(
        [
            new("incident_id", "inc-7"),
            new("evidence", new JsonArray(
            [
                new JsonObject([new("errors", 40), new("missing", JsonNull.Instance)]),
                new JsonInteger(1),
            ])),
            new("approved", false),
            new("parents", new JsonArray([])),
            new("bounds", new JsonObject([])),
        ]);
        Assert.That(PrettyJson.Write(value), Is.EqualTo("""
            {
              "incident_id": "inc-7",
              "evidence": [
                {
                  "errors": 40,
                  "missing": null
                },
                1
              ],
              "approved": false,
              "parents": [],
              "bounds": {}
            }
            """));
    }
}
