"""DynamoDB and its streams behind moto's surface. The law: nothing here is imported before moto's DynamoDB is (`late`).

`table` and `streams_table` say what is replaced; `handles` is the door for the rest of the package: making and finding
tables, writing to them.
"""
